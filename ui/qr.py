"""QR codes as the path of an SVG picture: plain data for `components/qr.html`."""

from dataclasses import dataclass

import segno

#: Empty modules around the code, without which readers do not find it.
QUIET = 4


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code as one path of unit squares, in a square picture of `size` units."""

    path: str
    size: int


def qr_code(text: str) -> QrCode:
    """The code of a text; a quarter of it may be worn off and it is still read."""
    rows = segno.make_qr(text, error="q").matrix
    path = "".join(
        f"M{QUIET + column} {QUIET + row}h1v1h-1z"
        for row, modules in enumerate(rows)
        for column, is_dark in enumerate(modules)
        if is_dark
    )
    return QrCode(path, len(rows) + 2 * QUIET)
