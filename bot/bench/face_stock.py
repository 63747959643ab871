"""The usual face_recognition calls, timed: ``python -m bot.bench.face_stock ENROLLED SELFIE RUNS`` (see :mod:`bot.bench.face`)."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time


def main(enrolled: str, selfie: str, runs: int) -> dict[str, object]:
    """Milliseconds of each run, and the most memory this process had."""
    usual = importlib.import_module("face_recognition")
    known = usual.face_encodings(usual.load_image_file(enrolled))[0]
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        picture = usual.load_image_file(selfie)
        found = usual.face_locations(picture)
        encodings = usual.face_encodings(picture)
        if not found or not usual.compare_faces(encodings, known)[0]:
            raise SystemExit("the usual calls do not accept the selfie")
        spent.append((time.perf_counter() - began) * 1000)
    return {"ms": spent, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
