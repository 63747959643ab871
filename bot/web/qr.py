"""A QR code as SVG, drawn by reportlab: one path, no colours but black and white, so that every reader takes it."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

_QUIET = 4
"""Modules of white around it (ISO/IEC 18004)."""


def qr_svg(text: str, label: str) -> str:
    """The code of ``text``; ``label`` is read out to who cannot see it."""
    # Loaded by the first who needs it.
    from reportlab.graphics.barcode.qr import QrCodeWidget

    widget = QrCodeWidget(text, barLevel="M")
    widget.qr.make()
    size = widget.qr.getModuleCount()
    dark = (
        f"M{column + _QUIET} {row + _QUIET}h1v1h-1z"
        for row in range(size)
        for column in range(size)
        if widget.qr.isDark(row, column)
    )
    whole = size + 2 * _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {whole} {whole}" role="img" aria-label={quoteattr(label)}'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{whole}v{whole}h-{whole}z"/><path fill="#000" d="{"".join(dark)}"/></svg>'
    )
