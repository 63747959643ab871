"""The reliability of the understanding as a picture: how often it is right when it is so and so sure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue.nlu_figures import Bin

_SIDE, _LEFT, _TOP = 320, 56, 28
_WIDTH, _HEIGHT = _LEFT + _SIDE + 20, _TOP + _SIDE + 56
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_LARGEST = 13.0
"""Radius of the dot with most messages, in pixels."""


def reliability_svg(bins: Sequence[Bin], title: str) -> str:
    """A dot per step of confidence, its area by the number of messages; on the dashed line confidence is true."""
    most = max((one.messages for one in bins), default=1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12" role="img">',
        f"<title>{_escaped(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="18">{_escaped(title)}</text>',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#444444"/>',
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#888888" stroke-dasharray="5 4"/>',
        *(_tick(value) for value in _TICKS),
        f'<text x="{_x(0.5)}" y="{_HEIGHT - 14}" text-anchor="middle">keyakinan / confidence</text>',
        f'<text x="14" y="{_y(0.5)}" text-anchor="middle" transform="rotate(-90 14 {_y(0.5)})">benar / right</text>',
        *(_dot(one, most) for one in bins),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(value: float) -> float:
    return round(_LEFT + value * _SIDE, 1)


def _y(value: float) -> float:
    return round(_TOP + (1 - value) * _SIDE, 1)


def _tick(value: float) -> str:
    shown = f"{value:.0%}"
    return (
        f'<text x="{_x(value)}" y="{_y(0) + 18}" text-anchor="middle">{shown}</text>'
        f'<text x="{_LEFT - 6}" y="{_y(value) + 4}" text-anchor="end">{shown}</text>'
    )


def _dot(one: Bin, most: int) -> str:
    radius = max(2.0, _LARGEST * (one.messages / most) ** 0.5)
    said = f"{one.messages}: {one.confidence:.0%} / {one.right:.0%}"
    return (
        f'<circle cx="{_x(one.confidence)}" cy="{_y(one.right)}" r="{radius:.1f}" fill="#1b5e9b" fill-opacity="0.75">'
        f"<title>{said}</title></circle>"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
