"""Checks of face verification."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

from bot.doctor.check import Finding, broken, check, note, ok
from bot.errors import LoketError
from bot.launch.vardir import VarDir
from bot.settings import Settings
from bot.storage import face_cohort
from bot.storage.crypto import KeyRing

ADAPTER = "integrations.face.adapter"
COHORT = "integrations.face.cohort"


@check("faces")
async def face_thresholds(settings: Settings) -> Iterable[Finding]:
    """Engine, calibration and cohort: what decides whether a selfie is accepted."""
    try:
        policy = importlib.import_module(ADAPTER).policy_of(settings.face_profile, settings.face_calibration)
    except LoketError as error:
        return [broken(str(error), "LOKET_FACE_PROFILE, LOKET_FACE_CALIBRATION; docs/face.md")]
    source = "kalibrasi sendiri / own calibration" if settings.face_calibration else "profil / profile"
    found = [ok(f"{policy.engine} {policy.model}, ambang / thresholds: {source}")]
    if not settings.face_cohort.is_file():
        return [
            *found,
            note(
                "belum ada kelompok pembanding: ambang polos yang lebih ketat dipakai, lebih banyak swafoto ke petugas / no "
                "cohort: the stricter plain thresholds apply, more selfies go to an officer",
                "./loket face cohort build FOLDER (docs/face.md)",
            ),
        ]
    return [*found, _cohort(settings, policy)]


def _cohort(settings: Settings, policy: object) -> Finding:
    plugin = importlib.import_module(COHORT)
    try:
        opened = face_cohort.read(settings.face_cohort, KeyRing(settings.keys or VarDir(settings.var_dir).keys()))
        figures = plugin.check(plugin.unpack(opened, policy), policy)
    except LoketError as error:
        return broken(f"{settings.face_cohort}: {error}", "./loket face cohort build FOLDER")
    said = f"kelompok pembanding / cohort: {figures['people']} orang / people"
    return note(f"{said}; {'; '.join(figures['notes'])}", "docs/face.md") if figures["notes"] else ok(said)
