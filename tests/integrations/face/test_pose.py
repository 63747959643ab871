"""The pose of a face from landmarks: on points whose pose is known, and on portraits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import liveness
from integrations.face import pose
from integrations.face.adapter import LocalFaceMatcher
from tests.faces import demo_pictures

# A head in millimetres, x to the right of the picture, y down, z towards the camera: outer and inner corners of the eyes and the
# base of the nose; ends of the jaw (at the ears) and the tip of the nose. Rough measures of an adult.
EYES = np.array([[45, 0, 0], [18, 0, 5], [-45, 0, 0], [-18, 0, 5], [0, 45, 24]], dtype=float)
JAWS, TIP = np.array([[-72, 20, -85], [72, 20, -85]], dtype=float), np.array([0, 32, 32], dtype=float)


def turned(points: np.ndarray, degrees: float, tilt: float = 0.0) -> np.ndarray:
    """Seen from far away after a turn (positive: the nose to the right of the picture) and a tilt of the picture."""
    a, b = math.radians(degrees), math.radians(tilt)
    x = points[..., 0] * math.cos(a) + points[..., 2] * math.sin(a)
    y = points[..., 1]
    return np.stack([x * math.cos(b) - y * math.sin(b), x * math.sin(b) + y * math.cos(b)], axis=-1)


@given(st.floats(-40, 40), st.floats(-20, 20))
def test_the_turn_grows_with_the_head_and_a_tilt_changes_nothing(degrees: float, tilt: float) -> None:
    straight, seen = pose.of_five(turned(EYES, 0)), pose.of_five(turned(EYES, degrees, tilt))
    assert abs(straight.yaw) < 1e-6 and straight.mouth is None
    assert seen.yaw == pytest.approx(pose.of_five(turned(EYES, degrees)).yaw, abs=1e-6)
    assert np.sign(round(seen.yaw, 6)) == np.sign(round(degrees, 4)) or abs(degrees) < 1e-3


@pytest.mark.parametrize("degrees", [-30, -20, 20, 30])
def test_both_ways_of_measuring_call_a_clear_turn_one_and_name_its_side(degrees: float) -> None:
    points = np.zeros((68, 2))
    points[0], points[16] = turned(JAWS, degrees)
    points[30] = turned(TIP, degrees)
    points[60], points[64], points[62], points[66] = [0, 0], [40, 0], [20, -10], [20, 10]
    for seen in (pose.of_five(turned(EYES, degrees)), pose.of_sixty_eight(points)):
        side = liveness.Kind.LEFT if degrees > 0 else liveness.Kind.RIGHT
        assert liveness.problem((side,), liveness.Pose(0.0), seen) is None
    assert seen.mouth == pytest.approx(0.5)


def test_points_that_lie_on_each_other_are_no_turn() -> None:
    assert pose.of_five(np.zeros((5, 2))).yaw == 0
    assert pose.of_sixty_eight(np.zeros((68, 2))) == liveness.Pose(0.0, 0.0)


@pytest.mark.parametrize("model", [True, False])
async def test_portraits_show_what_one_sees_on_them(model: bool) -> None:
    matcher = LocalFaceMatcher(pose_model=model)
    try:
        looks = [await matcher.look(demo_pictures()[name].read_bytes()) for name in ("obama", "obama2")]
    finally:
        await matcher.close()
    straight, posed = (look.pose for look in looks)
    assert straight is not None and posed is not None
    assert liveness.straight_problem(straight) is None
    assert liveness.problem((liveness.Kind.TURN,), straight, posed) is None if model else posed.yaw < -12
    if model:
        assert liveness.problem((liveness.Kind.MOUTH, liveness.Kind.TURN), straight, posed) is None
        assert liveness.problem((liveness.Kind.MOUTH,), posed, straight) == "liveness.open_more"
    else:
        assert straight.mouth is posed.mouth is None


async def test_the_template_takes_fresh_pictures_as_far_as_there_is_room() -> None:
    matcher = LocalFaceMatcher()
    read = {name: demo_pictures()[name].read_bytes() for name in ("obama", "obama2", "obama3")}
    try:
        one = await matcher.enrol([read["obama"]])
        two = await matcher.extend(one, [read["obama2"], read["obama2"]])
        three = await matcher.extend(two, [read["obama3"]])
        assert len(one) < len(two) < len(three)
        assert await matcher.extend(three, [read["obama2"]]) == three
        verdict = await matcher.verify(three, [read["obama"], read["obama2"]])
    finally:
        await matcher.close()
    assert verdict.nearest is not None and verdict.nearest < 0.01 and verdict.apart is not None and verdict.apart > 0.15
    assert len(verdict.hashes) == 2 and all(verdict.hashes)
