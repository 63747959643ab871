"""The shell script ``loket``: what it prepares, and once. uv, npm and Python are stand-ins that note their calls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from bot.settings import ROOT

FAKE_UV = """#!/bin/sh
echo "uv $*" >>"$CALLS"
case "$1 $2" in
    'venv '*)
        for last in "$@"; do :; done
        mkdir -p "$last/bin"
        printf '#!/bin/sh\\nexec "$REAL_PYTHON" "$@"\\n' >"$last/bin/python"
        case $last in */rasa) cp "$FAKE_310" "$last/bin/python" ;; esac
        chmod +x "$last/bin/python"
        ;;
    'pip sync') sleep "${UV_SLEEP:-0}"; [ -z "${UV_FAILS:-}" ] || exit 1 ;;
    'python install') exit 1 ;;
esac
"""
# Answers the one question that the script asks a Python; nothing else is run with it.
FAKE_310 = '#!/bin/sh\n[ "$1" = -c ] && { echo "$0"; [ "$3" = 3.10 ]; exit; }\necho "python3.10 $*" >>"$CALLS"\n'
FAKE_NPM = """#!/bin/sh
echo "npm $*" >>"$CALLS"
[ "$1" != ci ] || {
    mkdir -p node_modules/htmx.org/dist/ext node_modules/axe-core
    touch node_modules/htmx.org/dist/htmx.min.js node_modules/htmx.org/dist/ext/hx-sse.min.js
    touch node_modules/htmx.org/package.json node_modules/axe-core/axe.min.js
}
"""
TOOLS = "sh env cut date dirname readlink sha256sum cat mkdir flock cp rm rmdir id sleep touch chmod kill"


class Checkout:
    """A copy of what the script needs, and a PATH with nothing but stand-ins and basic tools."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a checkout"  # with a blank in its name
        self.bin = folder / "bin"
        self.calls = folder / "calls"
        self.root.mkdir()
        self.bin.mkdir()
        for name in ("loket", "bot", "requirements", "package.json", "package-lock.json", "pyproject.toml"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.root / name, ignore=shutil.ignore_patterns("vendor", "__pycache__"))
            else:
                shutil.copy(source, self.root / name)
        for tool in TOOLS.split():
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(found)
        self.program("python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        self.program("python3.10", FAKE_310)
        self.program("uv", FAKE_UV)
        self.program("npm", FAKE_NPM)
        self.program("node", "#!/bin/sh\n")

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        plain = {"PATH": str(self.bin), "HOME": str(self.root.parent), "CALLS": str(self.calls)}
        fakes = {"REAL_PYTHON": sys.executable, "FAKE_310": str(self.bin / "python3.10")}
        return subprocess.Popen(
            ["sh", str(self.root / "loket"), *words],
            env={**plain, **fakes, **env},
            cwd=self.root.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, **env)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def called(self, start: str) -> list[str]:
        """The noted calls that start so, since the last time this was asked."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return [line for line in lines if line.startswith(start)]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_script_is_plain_sh() -> None:
    assert (ROOT / "loket").read_text().startswith("#!/bin/sh\n")
    assert subprocess.run([shutil.which("dash") or "sh", "-n", str(ROOT / "loket")]).returncode == 0
    assert os.access(ROOT / "loket", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_an_environment_is_made_once_from_its_own_pins(checkout: Checkout) -> None:
    first = checkout.run("keys", "new")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("k"), "standard output is the answer of the command alone"
    (sync,) = checkout.called("uv pip sync")
    assert "--require-hashes" in sync
    assert sync.endswith("requirements/gateway.txt")
    second = checkout.run("keys", "new")
    assert second.returncode == 0
    assert second.stderr == ""
    assert checkout.called("uv") == []


def test_changed_pins_are_installed_into_the_same_environment(checkout: Checkout) -> None:
    checkout.run("keys", "new")
    checkout.called("uv")
    with (checkout.root / "requirements" / "gateway.txt").open("a") as pins:
        pins.write("# changed\n")
    assert checkout.run("keys", "new").returncode == 0
    assert [call.split()[1] for call in checkout.called("uv ") if "--version" not in call] == ["pip"]


def test_a_failed_installation_is_a_sentence_and_is_tried_again(checkout: Checkout) -> None:
    failed = checkout.run("keys", "new", UV_FAILS="1")
    assert failed.returncode == 1
    assert "periksa jaringan" in failed.stderr
    assert "check the network" in failed.stderr
    checkout.called("uv")
    assert checkout.run("keys", "new").returncode == 0
    assert len(checkout.called("uv pip sync")) == 1


def test_two_at_once_install_once(checkout: Checkout) -> None:
    both = [checkout.start("keys", "new", UV_SLEEP="1") for _ in range(2)]
    ends = [(process.communicate(timeout=120), process.returncode) for process in both]
    assert [code for _, code in ends] == [0, 0], ends
    assert len(checkout.called("uv pip sync")) == 1


def test_two_at_once_install_once_on_a_machine_without_flock(checkout: Checkout) -> None:
    (checkout.bin / "flock").unlink()
    both = [checkout.start("keys", "new", UV_SLEEP="1") for _ in range(2)]
    ends = [(process.communicate(timeout=120), process.returncode) for process in both]
    assert [code for _, code in ends] == [0, 0], ends
    assert len(checkout.called("uv pip sync")) == 1
    assert not (checkout.root / ".venv" / ".lockdir").exists()


def test_a_lock_that_a_killed_start_left_is_taken_over(checkout: Checkout) -> None:
    (checkout.bin / "flock").unlink()
    gone = subprocess.Popen(["true"])
    gone.wait()
    (checkout.root / ".venv" / ".lockdir").mkdir(parents=True)
    (checkout.root / ".venv" / ".lockdir" / "pid").write_text(str(gone.pid))
    assert checkout.run("keys", "new").returncode == 0


def test_a_python_that_is_on_the_path_and_does_not_run_is_passed_over(checkout: Checkout) -> None:
    for name in ("python3.13", "python3.12", "python3.11"):
        checkout.program(name, "#!/bin/sh\necho 'no such command' >&2\nexit 127\n")
    assert checkout.run("keys", "new").returncode == 0
    (venv,) = checkout.called("uv venv")
    assert sys.executable in venv or sys.prefix in venv


def test_without_a_python_there_is_a_sentence(checkout: Checkout) -> None:
    (checkout.bin / "python3").unlink()
    failed = checkout.run("keys", "new")
    assert failed.returncode == 1
    assert "perlu Python 3.11" in failed.stderr
    assert "is needed" in failed.stderr


def test_rasa_gets_python_310_from_the_path(checkout: Checkout) -> None:
    assert checkout.run("train").returncode != 0  # the stand-in of Rasa trains nothing
    venvs = checkout.called("uv venv")
    assert any("python3.10" in call and call.endswith("/rasa") for call in venvs)


def test_rasa_gets_python_310_from_pyenv_when_the_path_has_a_dead_shim(checkout: Checkout) -> None:
    checkout.program("python3.10", "#!/bin/sh\nexit 127\n")
    python = checkout.root.parent / ".pyenv" / "versions" / "3.10.13" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE_310)
    python.chmod(0o755)
    checkout.run("train", FAKE_310=str(python))
    assert any(str(python) in call for call in checkout.called("uv venv"))


def test_without_python_310_uv_is_asked_and_then_there_is_a_sentence(checkout: Checkout) -> None:
    (checkout.bin / "python3.10").unlink()
    failed = checkout.run("train", FAKE_310="/dev/null")
    assert failed.returncode == 1
    assert "uv python install --quiet 3.10" in checkout.calls.read_text()
    assert "Rasa needs Python 3.10" in failed.stderr


def test_only_what_a_command_needs_is_prepared(checkout: Checkout) -> None:
    checkout.run("keys", "new")
    assert not (checkout.root / ".venv" / "rasa").exists()
    assert not (checkout.root / "node_modules").exists()


def test_the_assets_of_the_pages_are_installed_once(checkout: Checkout) -> None:
    checkout.run("serve")
    vendor = checkout.root / "bot" / "web" / "static" / "vendor"
    assert {file.name for file in vendor.iterdir()} >= {"htmx.min.js", "hx-sse.min.js"}
    assert [call.split()[1] for call in checkout.called("npm") if "--version" not in call] == ["ci"]
    checkout.run("serve")
    assert checkout.called("npm") == []


def test_an_unknown_command_prepares_nothing(checkout: Checkout) -> None:
    failed = checkout.run("nonsense")
    assert failed.returncode == 2
    assert "nonsense" in failed.stderr
    assert not (checkout.root / ".venv").exists()
    assert checkout.run("--help").stdout.startswith("./loket")
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert checkout.run("--version").stdout == f"loket {version}\n"


def test_a_test_run_ends_with_the_words_of_pytest_and_its_exit_code(checkout: Checkout) -> None:
    (checkout.root / "tests").mkdir()
    (checkout.root / "tests" / "test_it.py").write_text("def test_it():\n    assert False\n")
    (checkout.root / "pyproject.toml").unlink()
    checkout.program("chromium", "#!/bin/sh\n")
    done = checkout.run("test", "-q", "tests/test_it.py")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("1 failed")


def test_a_machine_without_a_browser_is_told_what_is_skipped_and_how_to_install_it(checkout: Checkout) -> None:
    (checkout.root / "pyproject.toml").unlink()
    said = checkout.run("test", "tests/x.py").stderr
    assert "pengujian browser dilewati" in said and "apt-get install chromium" in said
    checkout.program("chromium", "#!/bin/sh\n")
    assert "chromium" not in checkout.run("test", "tests/x.py").stderr


@pytest.mark.parametrize(("bad", "code"), [("", 0), ("lint-imports", 1)])
def test_what_fails_beside_the_tests_is_shown_and_named_and_fails_the_run(
    checkout: Checkout, bad: str, code: int
) -> None:
    made = checkout.root / ".venv" / "dev"
    (made / "bin").mkdir(parents=True)
    (made / ".loket").write_text(sha256((checkout.root / "requirements" / "dev.txt").read_bytes()).hexdigest())
    for tool in ("ruff", "mypy", "lint-imports", "python"):
        (made / "bin" / tool).write_text(f'#!/bin/sh\necho "said by {tool} $*"\nexit {int(tool == bad)}\n')
        (made / "bin" / tool).chmod(0o755)
    checkout.program("chromium", "#!/bin/sh\n")
    done = checkout.run("test")
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith("said by python -m pytest -n 3 ")
    assert [line for line in done.stderr.splitlines() if line.startswith("said by")] == (
        [f"said by {bad} --no-logo"] if bad else []
    )
    assert ("failed: import-linter" in done.stderr) is bool(bad)


def test_no_pinned_file_names_a_registry_or_a_place_of_a_machine() -> None:
    for file in [*(ROOT / "requirements").iterdir(), ROOT / "package-lock.json"]:
        text = file.read_text()
        assert "http://" not in text, file.name
        assert "https://" not in text, file.name
        assert '"resolved"' not in text, file.name
        assert "file:/" not in text and " file:" not in text, file.name
