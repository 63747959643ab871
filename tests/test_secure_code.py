"""What the code must not do, read from the code itself: the table of docs/asvs.md points here where no single page or call proves a point.

Whoever needs an exception writes it down here, with its reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.settings import ROOT

FOLDERS = ("bot", "channels", "integrations", "actions")
STATIC = ROOT / "bot" / "web" / "static"


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    """(place, tree) of every file that runs in production; the benches and the stand-ins of providers do not."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    stand_ins = {"bench", "standin", "sandbox", "sandbox.py", "bootstrap_demo.py"}
    kept = [file for file in files if not stand_ins & set(file.relative_to(ROOT).parts)]
    return tuple((str(file.relative_to(ROOT)), ast.parse(file.read_text("utf-8"))) for file in kept)


@cache
def calls() -> tuple[tuple[str, str, ast.Call], ...]:
    """(place, dotted name, call) of every call."""
    return tuple(
        (place, dotted(node.func), node)
        for place, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )


def imports() -> Iterator[tuple[str, str]]:
    """(place, module) of every import."""
    for place, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((place, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield place, node.module or ""


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a name; of anything else that is called, its source."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ast.unparse(node)


def words(place: str) -> str:
    return (ROOT / place).read_text("utf-8")


def keyword(call: ast.Call, name: str) -> str | None:
    """The source of a keyword argument."""
    return next((ast.unparse(one.value) for one in call.keywords if one.arg == name), None)


def templates() -> list[Path]:
    return [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.html"))]


def scripts() -> list[Path]:
    return [file for file in sorted(STATIC.rglob("*.js")) if "vendor" not in file.parts]


def test_there_is_something_to_look_at() -> None:
    assert len(sources()) > 200 and len(templates()) > 40 and len(scripts()) >= 8


# -- interpreters -----------------------------------------------------------------------------------------------------


def test_nothing_is_evaluated_unpickled_or_run_through_a_shell() -> None:
    bad = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.unsafe_load", "yaml.full_load"}
    found = [(place, name) for place, name, _ in calls() if name in bad]
    assert not found
    assert not [(place, name) for place, name in imports() if name in ("marshal", "shelve", "dill", "jsonpickle")]
    assert not [place for place, _, call in calls() if keyword(call, "shell") not in (None, "False")]
    # Arguments and results of our own child processes, over a pipe that nobody else can write to.
    assert {place for place, name in imports() if name == "pickle"} <= {"bot/childpool.py"}
    loaders = {keyword(call, "Loader") or ast.unparse(call.args[1]) for _, name, call in calls() if name == "yaml.load"}
    assert loaders <= {"_LOADER", "_Loader", "Loader"}
    assert not [
        place for place, name, call in calls() if name == "np.load" and keyword(call, "allow_pickle") != "False"
    ]


@pytest.mark.parametrize(
    "place", ["bot/dialogue/generate.py", "bot/texts.py", "bot/yaml_lines.py", "bot/domain/yaml_nodes.py"]
)
def test_every_yaml_loader_of_our_own_is_a_safe_one(place: str) -> None:
    text = (ROOT / place).read_text("utf-8")
    assert re.search(r"C?SafeLoader", text) and not re.search(r"\b(UnsafeLoader|FullLoader|yaml\.Loader)\b", text)


def test_no_statement_is_put_together_from_values() -> None:
    """Statements of a module's constants may be joined from names of columns; inside functions nothing is joined at all."""
    known = {
        "bot/storage/beside.py": "set lock_timeout, from a constant",
        "bot/storage/inbox.py": "set application_name, from a constant",
        "bot/storage/migrate.py": "set lock_timeout, from a constant",
        "bot/launch/postgres.py": "create database, from a constant",
        "bot/storage/pg.py": "listen, with psycopg.sql.Identifier",
        "bot/storage/migrations": "statements of fixed text",
    }
    found = set()
    for place, tree in sources():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                made = (node for node in ast.walk(function) if isinstance(node, ast.Call) and node.args)
                found |= {place for node in made if asks_database(dotted(node.func)) and is_joined(node.args[0])}
    assert {place for place in found if not place.startswith(tuple(known))} == set()


def asks_database(name: str) -> bool:
    return name in ("text", "sa.text", "sql.SQL") or name.endswith((".execute", ".exec_driver_sql", ".run"))


def is_joined(first: ast.expr) -> bool:
    """Whether text is put together; SQLAlchemy's own operators join no text."""
    words = (node for node in ast.walk(first) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    if isinstance(first, ast.BinOp):
        return isinstance(first.op, ast.Add | ast.Mod) and any(words)
    return isinstance(first, ast.JoinedStr) or ".format(" in ast.unparse(first)


def test_patterns_made_at_run_time_escape_what_they_hold() -> None:
    """Inside functions a name is put into a pattern through ``re.escape`` only."""
    constants = {("bot/domain/fields/codes.py", "own"), ("bot/usecases/studio_nlu_new.py", "key")}
    found = set()
    for place, tree in sources():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                made = (node for node in ast.walk(function) if isinstance(node, ast.Call) and node.args)
                found |= {(place, name) for node in made if makes_pattern(node) for name in put_in(node.args[0])}
    assert found == constants, "words of the program itself, no others"


def makes_pattern(call: ast.Call) -> bool:
    return re.fullmatch(r"re\.(compile|search|match|fullmatch|sub|findall|split)", dotted(call.func)) is not None


def put_in(pattern: ast.expr) -> list[str]:
    """What an f-string takes in besides constants and what is escaped."""
    parts = pattern.values if isinstance(pattern, ast.JoinedStr) else []
    held = [ast.unparse(one.value) for one in parts if isinstance(one, ast.FormattedValue)]
    return [one for one in held if not one.startswith("re.escape(") and not one.lstrip("_").isupper()]


def test_xml_is_parsed_nowhere_but_in_uploaded_sheets() -> None:
    """openpyxl's files are looked into first (sizes, entities): tests/usecases/test_studio_nlu_sheet.py."""
    parsers = ("xml.etree", "xml.dom", "xml.sax", "lxml", "xmltodict", "defusedxml", "bs4")
    found = {(place, name) for place, name in imports() if name.startswith(parsers) and name != "xml.sax.saxutils"}
    assert not found
    assert {place for place, name, _ in calls() if name.endswith("load_workbook")} == {
        "bot/usecases/studio_nlu_sheet.py"
    }


def test_every_template_escapes_and_says_where_it_does_not() -> None:
    for file in templates():
        text = file.read_text("utf-8")
        assert "autoescape false" not in text, file.name
        # The QR code of a ticket: SVG that we draw from our own address.
        assert len(re.findall(r"\|\s*safe\b", text)) == (1 if file.name == "ticket.html" else 0), file.name
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon[a-z]+=\"|\bstyle=\"", text), f"{file.name}: inline"
    for place, name, call in calls():
        if name.endswith("Environment") and "jinja" in ast.unparse(call).lower() + place + name.lower():
            assert keyword(call, "autoescape") in (None, "True", "select_autoescape()"), place
        assert not name.endswith(".from_string") or name == "Blob.from_string", f"{place}: a template made of text"
    assert {place for place, name, _ in calls() if name == "Markup"} <= {
        "bot/web/staff/figures_chart.py",
        "bot/web/staff/thread.py",  # bold words: every piece is escaped
    }


def test_scripts_evaluate_nothing() -> None:
    """And put only what the server has escaped into pages as markup: the console's fragments."""
    for file in scripts():
        text = file.read_text("utf-8")
        assert not re.search(
            r"\beval\(|new Function\(|document\.write|setTimeout\(\s*[\"'`]|insertAdjacentHTML|outerHTML\s*=", text
        ), file
        if file.name != "console.js":
            assert not re.search(r"\.innerHTML\s*=\s*(?![\"'`]{2})", text), file.name


# -- secrets and keys ----------------------------------------------------------------------------------------------------


def test_secrets_come_from_the_systems_generator() -> None:
    """The module ``random`` only where a guess does no harm."""
    harmless = {
        "bot/dialogue/nlu/augment.py": "mistyped examples for training",
        "bot/usecases/errands.py": "pauses between tries",
        "bot/usecases/handoff_outside_away.py": "pauses between tries",
        "bot/storage/errands.py": "whose turn it is",
    }
    assert {place for place, name in imports() if name == "random"} <= set(harmless)
    assert not [
        place for place, name, _ in calls() if name.startswith(("np.random.", "numpy.random.")) and "nlu" not in place
    ]
    short = []
    for place, name, call in calls():
        if name in ("secrets.token_urlsafe", "secrets.token_bytes", "secrets.token_hex") and call.args:
            size = call.args[0]
            if isinstance(size, ast.Constant) and size.value < 16:
                short.append((place, ast.unparse(call)))
    assert not short, "128 bits or more"


def test_no_weak_hash_or_cipher_is_used() -> None:
    fixed = {
        "bot/doctor/place.py": "git's own names of objects",
        "bot/storage/breached.py": "the list of breached passwords is one of SHA-1 hashes; nothing is protected by it",
        "bot/storage/account_second.py": "TOTP: HMAC-SHA-1 is what every authenticator app knows (RFC 6238)",
    }
    weak = re.compile(r"\b(hashlib|hashes)\.(md5|sha1|MD5|SHA1|new)\b|\bSHA1\(|\bMD5\(")
    found = {place for place, _ in sources() if weak.search(words(place))}
    assert found <= set(fixed)
    ciphers = {name for _, name in imports() if "hazmat.primitives.ciphers" in name}
    assert ciphers == {"cryptography.hazmat.primitives.ciphers.aead"}
    assert not [place for place, name in imports() if name.startswith(("Crypto", "nacl", "pycrypto", "rsa"))]


def test_no_certificate_check_is_switched_off() -> None:
    for place, name, call in calls():
        for word in ("ssl", "verify", "verify_ssl", "check_hostname", "validate_certs"):
            assert keyword(call, word) != "False", f"{place}: {name}({word}=False)"
        assert name != "ssl._create_unverified_context", place
        if name == "ssl.SSLContext":  # of a client, it would check nothing unless told; a server has nobody to check
            assert place == "bot/web/tls.py" and ast.unparse(call.args[0]) == "ssl.PROTOCOL_TLS_SERVER", place
    # The doctor reads when a certificate ends, also of one that is over already; it sends nothing.
    looks = {place for place, _ in sources() if re.search(r"CERT_NONE|check_hostname = False", words(place))}
    assert looks <= {"bot/doctor/addresses.py"}


# -- the outside -----------------------------------------------------------------------------------------------------------


def test_no_call_to_the_outside_follows_redirects_by_itself() -> None:
    """Every request that an adapter or the identity provider's client makes says that it follows none."""
    asked = {}
    for place, name, call in calls():
        outside = place.startswith(("channels/", "integrations/")) or place == "bot/web/staff/oidc_client.py"
        if outside and re.search(r"(session|_http|http|_open\(\))\.(get|post|put|patch|delete|request)$", name):
            asked[place, call.lineno] = keyword(call, "allow_redirects")
    assert len(asked) >= 5
    assert set(asked.values()) == {"False"}, asked


def test_every_cookie_is_set_in_one_of_two_places() -> None:
    """One for staff, one for a citizen's page of own data; both are HttpOnly, SameSite and, over https, Secure by their very names."""
    found = {place: call for place, name, call in calls() if name.endswith(".set_cookie")}
    assert set(found) == {"bot/web/staff/desk.py", "bot/web/public/my_data.py"}
    for place, call in found.items():
        assert keyword(call, "httponly") == "True" and keyword(call, "samesite") and keyword(call, "secure"), place
    assert "__Host-" in (ROOT / "bot/web/staff/desk.py").read_text("utf-8")
    assert "__Secure-" in (ROOT / "bot/web/public/my_data.py").read_text("utf-8")
    assert not [place for place, name, _ in calls() if name.endswith(".del_cookie")], (
        "a cookie goes as it came: by set_cookie"
    )


def test_passwords_are_masked_and_can_be_pasted_and_filled_in() -> None:
    fields = [
        (file.name, match[0])
        for file in templates()
        for match in re.finditer(r"<input[^>]*name=\"(?:password|old|new|again)\"[^>]*>", file.read_text("utf-8"))
        if file.name in ("sign_in.html", "password.html")
    ]
    assert len(fields) >= 4
    for name, field in fields:
        assert 'type="password"' in field and re.search(r'autocomplete="(current|new)-password"', field), name
        assert int(re.search(r'maxlength="(\d+)"', field)[1]) >= 64, name  # type: ignore[index]
    for file in scripts():
        assert not re.search(
            r"[\"'](paste|copy|contextmenu)[\"']\s*,", file.read_text("utf-8")
        ) or "password" not in file.read_text("utf-8")


def test_no_debug_mode_is_switched_on() -> None:
    assert not [place for place, _, call in calls() if keyword(call, "debug") == "True"]
    assert not [place for place, _, call in calls() if keyword(call, "show_index") == "True"]
    assert not [place for place, name, _ in calls() if name in ("breakpoint", "pdb.set_trace")]
