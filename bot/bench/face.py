"""`./loket bench face`: one 12-megapixel selfie from its bytes to the verdict, beside the usual face_recognition calls.

Ours is what the service does with a selfie: decode, find, check, embed with the mirror image, compare, in a child process with
its limits. The usual way is what tutorials show: load_image_file, face_locations, face_encodings, compare_faces.
What is measured with one process has one core, ours and theirs, the parent included.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from bot.bench.report import Result, percentile
from bot.errors import LoketError
from bot.launch import demo
from bot.settings import ROOT, Settings

WIDTH, HEIGHT = 3000, 4000
TIMED = 12
"""Selfies one after the other, per round."""
CROWD = 20
"""Selfies at once on one process."""
STOCK_RUNS = 3
ENROLLED, SELFIE = "obama.jpg", "obama2.jpg"
Say = Callable[[str], None]


class NoFaces(LoketError):
    """The pictures to measure with cannot be had."""

    code = "no_demo_pictures"


def run(settings: Settings, rounds: int, say: Say) -> Result:
    """Measure.

    :raises NoFaces: the pictures are missing and cannot be fetched.
    """
    if not demo.ensure_pictures(settings):
        raise NoFaces("no pictures: see ./loket demo fetch")
    folder = demo.folder(settings)
    selfie = twelve_megapixels(folder / SELFIE)
    say(f"a selfie of {WIDTH} x {HEIGHT} pixels, {len(selfie) / 1e6:.1f} MB")
    ours = asyncio.run(_ours((folder / ENROLLED).read_bytes(), selfie, max(1, rounds), settings.pose_model, say))
    stock = _stock(folder / ENROLLED, selfie, say)
    ours["times_faster"] = round(stock["p50_ms"] / ours["p50_ms"], 1)
    return Result("face", ours, {**stock, "times_faster": 1.0})


def twelve_megapixels(file: Path) -> bytes:
    """The portrait as a phone would have taken it: large, with grain, as a JPEG of a few megabytes."""
    with Image.open(file) as opened:
        portrait = opened.convert("RGB")
    scale = min(WIDTH / portrait.width, HEIGHT / portrait.height)
    portrait = portrait.resize(
        (round(portrait.width * scale), round(portrait.height * scale)), Image.Resampling.LANCZOS
    )
    picture = Image.new("RGB", (WIDTH, HEIGHT), (128, 128, 128))
    picture.paste(portrait, ((WIDTH - portrait.width) // 2, HEIGHT - portrait.height))
    grain = random.Random(1).randbytes(WIDTH * HEIGHT // 16)  # noqa: S311 (no secret, but the same every time)
    coarse = Image.frombytes("L", (WIDTH // 4, HEIGHT // 4), grain).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    picture = Image.blend(picture, coarse.convert("RGB"), 0.05)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


async def _ours(enrolled: bytes, selfie: bytes, rounds: int, lips: bool, say: Say) -> dict[str, float]:
    matcher_type = importlib.import_module("integrations.face.adapter").LocalFaceMatcher
    spent: list[float] = []
    crowd: list[float] = []
    figures: dict[str, float] = {}
    per_s: dict[int, list[float]] = {1: [], 2: []}
    peak = 0.0
    for number in range(1, rounds + 1):
        for processes in (1, 2):
            say(f"Loket, round {number}, {processes} process(es)")
            with cores(processes):
                matcher = matcher_type(processes, pose_model=lips)
                try:
                    await matcher.warm()
                    template = await matcher.enrol([enrolled])
                    await _all(matcher, template, selfie, processes)
                    if processes == 1:
                        spent += [(await _all(matcher, template, selfie, 1))[0] for _ in range(TIMED)]
                    began = time.perf_counter()
                    waits = await _all(matcher, template, selfie, CROWD)
                    per_s[processes].append(CROWD / (time.perf_counter() - began))
                    crowd += waits if processes == 1 else []
                    peak = max([peak, *(peak_mb(pid) for pid in matcher.pids)])
                finally:
                    await matcher.close()
    figures["p50_ms"], figures["p95_ms"] = round(percentile(spent, 0.5), 1), round(percentile(spent, 0.95), 1)
    figures["rss_mb"] = round(peak, 1)
    figures["per_s_1"], figures["per_s_2"] = (round(max(per_s[n]), 2) for n in (1, 2))
    figures["two_by_one"] = round(figures["per_s_2"] / figures["per_s_1"], 2)
    figures["p95_ms_20_waiting"] = round(percentile(crowd, 0.95), 1)
    return figures


async def _all(matcher: Any, template: bytes, selfie: bytes, number: int) -> list[float]:
    """Milliseconds of each of ``number`` verifications begun at once.

    :raises NoFaces: a verdict is not the one that has to come out.
    """

    async def one() -> float:
        began = time.perf_counter()
        verdict = await matcher.verify(template, [selfie])
        if verdict.outcome != "match":
            raise NoFaces(f"the selfie to measure with is not accepted: {verdict.outcome} {verdict.problem}")
        return (time.perf_counter() - began) * 1000

    return list(await asyncio.gather(*(one() for _ in range(number))))


@contextlib.contextmanager
def cores(number: int) -> Iterator[None]:
    """This thread, and what it starts, on at most ``number`` cores; where the system cannot do that, on all."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:number])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def peak_mb(pid: int) -> float:
    """Most resident memory a process ever had; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _stock(enrolled: Path, selfie: bytes, say: Say) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="loket-bench-") as scratch:
        file = Path(scratch, "selfie.jpg")
        file.write_bytes(selfie)
        say(f"face_recognition, {STOCK_RUNS} times")
        (alone,) = _processes(1, enrolled, file, STOCK_RUNS)
        say("face_recognition, 2 processes")
        pair = _processes(2, enrolled, file, STOCK_RUNS)
    p50 = percentile(alone["ms"], 0.5)
    per_s = {1: 1000 * len(alone["ms"]) / sum(alone["ms"]), 2: sum(1000 * len(o["ms"]) / sum(o["ms"]) for o in pair)}
    return {
        "p50_ms": round(p50, 1),
        "p95_ms": round(percentile(alone["ms"], 0.95), 1),
        "rss_mb": round(max(one["peak_mb"] for one in (alone, *pair)), 1),
        "per_s_1": round(per_s[1], 2),
        "per_s_2": round(per_s[2], 2),
        "two_by_one": round(per_s[2] / per_s[1], 2),
        "p95_ms_20_waiting": round(
            p50 * CROWD * 0.95, 1
        ),  # reckoned: one after the other, the 19th of 20 waits so long
    }


def _processes(number: int, enrolled: Path, selfie: Path, runs: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "bot.bench.face_stock", str(enrolled), str(selfie), str(runs)]
    with cores(number):
        started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(number)]
    said = [process.communicate(timeout=600)[0] for process in started]
    if any(process.returncode for process in started):
        raise NoFaces("face_recognition could not be run for comparison")
    return [json.loads(one.splitlines()[-1]) for one in said]
