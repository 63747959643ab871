"""A recognition network in ONNX that the operator supplies (SFace, ArcFace and their kind), in place of dlib's.

Finding the face, its five points and the quality gates stay as they are; the aligned face and its mirror go through the
network, and the mean of both outputs at length 1 is the embedding. Its thresholds come from a calibration: dlib's mean nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from integrations.face.quality import Pixels
from integrations.face.thresholds import Network, Policy

EYES = ((38.29, 51.70), (73.53, 51.50))
"""Where 112 x 112 networks of the ArcFace family expect the two eyes (insightface's alignment template)."""
_TEMPLATE = 112


def load(policy: Policy, path: str) -> Any:
    """The embedding function, on one thread: the processes are the parallelism.

    :raises RuntimeError: onnxruntime is not installed, or the network is another one than the profile says.
    """
    network = policy.network or Network()
    try:
        import onnxruntime
    except ImportError as error:
        raise RuntimeError("the profile names an ONNX model: install onnxruntime into .venv/gateway") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (name,) = [one.name for one in session.get_inputs()]
    if network.order not in ("rgb", "bgr"):
        raise RuntimeError(f"network.order is {network.order}; it must be rgb or bgr")
    found = _run(session, name, tensor(Image.new("RGB", (network.size, network.size)), network)).size
    if found != policy.dimension:
        raise RuntimeError(f"the network gives {found} numbers, the profile says {policy.dimension}")

    def embed(pixels: Pixels, shape: Any, chip: Pixels) -> NDArray[np.float32]:
        face = aligned(pixels, [(float(part.x), float(part.y)) for part in shape.parts()], network.size)
        mirrored = face.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return unit(
            unit(_run(session, name, tensor(face, network))) + unit(_run(session, name, tensor(mirrored, network)))
        )

    return embed


def aligned(pixels: Pixels, points: list[tuple[float, float]], size: int) -> Image.Image:
    """The face turned and scaled so that the eyes' middles come to :data:`EYES`."""
    eyes = [(np.array(points[i]) + np.array(points[i + 1])) / 2 for i in (0, 2)]
    left, right = (complex(*eye) for eye in sorted(eyes, key=lambda eye: float(eye[0])))
    to_left, to_right = (complex(*eye) * (size / _TEMPLATE) for eye in EYES)
    turn = (right - left) / (to_right - to_left)  # from the wanted picture back to the given one, as Pillow wants it
    shift = left - turn * to_left
    matrix = (turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag)
    return Image.fromarray(pixels).transform(
        (size, size), Image.Transform.AFFINE, matrix, resample=Image.Resampling.BICUBIC
    )


def tensor(face: Image.Image, network: Network) -> NDArray[np.float32]:
    """1 x 3 x size x size."""
    values = np.asarray(face.convert("RGB"), dtype=np.float32)
    if network.order == "bgr":
        values = values[:, :, ::-1]
    ready: NDArray[np.float32] = ((values - network.mean) * network.scale).transpose(2, 0, 1)[None].astype(np.float32)
    return np.ascontiguousarray(ready)


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """At length 1, so that distances are those of the cosine."""
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        raise ValueError("the network gave no direction")
    scaled: NDArray[np.float32] = (vector / length).astype(np.float32)
    return scaled


def _run(session: Any, name: str, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = np.asarray(session.run(None, {name: batch})[0], dtype=np.float32).reshape(-1)
    return vector
