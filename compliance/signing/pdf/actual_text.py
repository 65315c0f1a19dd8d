"""Make words whose letters are stacked or reordered readable for copying, searching and screen readers.

The renderer writes such a word as glyphs in the order in which they are drawn, and gives the text of a syllable with
each of its glyphs: a reader finds it twice, or in another order. So it does with a letter and marks for which no font
has one glyph. Each run of such words is drawn in a language of its own, a code of ISO 639 for local use. The PDF marks
what is drawn with its language, and here this mark is replaced by the run's text (`ActualText`, ISO 32000-1, 14.9.4).

Scripts from right to left are left alone: readers reorder them, and would reverse an `ActualText`.
"""

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby, product
from string import ascii_lowercase
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

#: `qaa` to `qtz`: for local use, so that no reader takes one for a language.
_CODES = tuple(f"q{second}{third}" for second, third in product("abcdefghijklmnopqrst", ascii_lowercase))

#: A run is drawn in pieces: a new one begins at each font and at each raised or lowered mark.
_PIECE = rb"/Span<</MCID \d+/Lang\(%b\)>>BDC\nq .*?\nQ\nEMC"
_IN_PIECES = _PIECE % rb"(?P<code>q[a-t][a-z])" + b"(?:" + _PIECE % rb"(?P=code)" + b")*"
_PIECES = re.compile(_IN_PIECES, re.DOTALL)
_PARTS = re.compile(rb"/MCID (\d+).*?\nq 1 0 0 -1 (\S+) (\S+) cm(.*?)\nBT(.*?)\nET\nQ\nEMC", re.DOTALL)
_SYLLABLE = re.compile(rb"/Span<</ActualText<[0-9A-F]*>>>BDC(.*?)EMC", re.DOTALL)
_PLACE = re.compile(rb"1 0 0 -1 (\S+) (\S+) Tm")


class _SameDocument(IncrementalPdfFileWriter):
    """It is still the document that was drawn: the same content gives the same bytes, with its id and its instant."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        same: generic.ArrayObject = prev.trailer["/ID"]
        return same

    def _update_meta(self) -> None:
        pass


class Runs:
    """The runs of one document, each with its code."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def parts(self, text: str) -> list[Any]:
        """The text as strings, and runs as mappings of `code` and `text`."""
        found: list[Any] = []
        for is_run, words in groupby(text.split(" "), key=_is_stacked):
            part = " ".join(words)
            found += [" "] if found else []
            found.append(self._run(part) if is_run else part)
        return found

    def _run(self, text: str) -> Any:
        if len(self.texts) == len(_CODES):
            return text
        code = _CODES[len(self.texts)]
        self.texts[code] = text
        return {"code": code, "text": text}


def _is_stacked(word: str) -> bool:
    """Whether a word has marks that are drawn on, before or behind its letters, and goes from left to right."""
    marked = any(unicodedata.category(one)[0] == "M" for one in word)
    return marked and not any(unicodedata.bidirectional(one) in ("R", "AL", "AN") for one in word)


def write_actual_text(pdf: bytes, texts: Mapping[str, str]) -> bytes:
    """The PDF with the text of each run in the place of its code. Without runs, the PDF as it is."""
    if not texts:
        return pdf
    writer = _SameDocument(io.BytesIO(pdf))
    written: set[bytes] = set()
    for number in range(int(writer.root["/Pages"]["/Count"])):
        reference, _resources = writer.find_page_for_modification(number)  # type: ignore[no-untyped-call]
        page = reference.get_object()
        content = generic.StreamObject(stream_data=_replaced(page["/Contents"].data, texts, written))
        content.compress()  # type: ignore[no-untyped-call]
        page["/Contents"] = writer.add_object(content)
        writer.mark_update(reference)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _replaced(content: bytes, texts: Mapping[str, str], written: set[bytes]) -> bytes:
    """One page, with each run as one piece that carries its text; of its other pieces only the number is left."""

    def replace(found: re.Match[bytes]) -> bytes:
        code = found["code"]
        text = "" if code in written else texts[code.decode()]  # the rest of a run that began on the page before
        written.add(code)
        return _joined(_PARTS.findall(found.group()), text)

    return _PIECES.sub(replace, content)


def _joined(pieces: Sequence[tuple[bytes, ...]], text: str) -> bytes:
    """All pieces in one text object: readers place the text where that object ends."""
    number, x, y, colour, _drawn = pieces[0]
    drawn = b"".join(_moved(piece, float(x), float(y)) for piece in pieces)
    spelled = b"FEFF" + text.encode("utf-16-be").hex().upper().encode()
    whole = b"/Span<</MCID %b>>BDC\nq 1 0 0 -1 %b %b cm%b\nBT/Span<</ActualText<%b>>>BDC%b\nEMC\nET\nQ\nEMC"
    others = b"".join(b"/Span<</MCID %b>>BDC\nEMC" % other[0] for other in pieces[1:])
    return whole % (number, x, y, colour, spelled, drawn) + others


def _moved(piece: tuple[bytes, ...], x: float, y: float) -> bytes:
    """What the piece draws, counted from the place of the first piece. The vertical axis points down."""
    _number, own_x, own_y, _colour, drawn = piece
    right, down = float(own_x) - x, y - float(own_y)

    def move(found: re.Match[bytes]) -> bytes:
        return b"1 0 0 -1 %.5f %.5f Tm" % (float(found[1]) + right, float(found[2]) + down)

    return _PLACE.sub(move, _SYLLABLE.sub(rb"\1", drawn))
