"""Render a signature as a PDF: PDF/A-3 with the record attached, drawn from plain data."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from . import fonts
from .actual_text import Runs, write_actual_text

_TEMPLATE = Path(__file__).with_name("signed_pdf.typ")

#: What the fonts that come with the renderer can show for certain.
_PLAIN = re.compile(r"[\n\x20-\x7e\xa0-\u017f\u0218-\u021b\u2010-\u2026\u20ac]")

#: Characters without a shape that scripts need: joiners, and marks of direction that end with themselves.
_INVISIBLE = frozenset("\u00ad\u200c\u200d\u200e\u200f\u061c")

#: They choose a form of the character before them, and need no glyph.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

#: What is drawn as it is; the rest of the content is the record's JSON.
_DRAWN = ("entries", "signature")


def draw(content: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF, not sealed yet. Any character can be in a name: one that no font has is written as its number."""
    try:
        return _compiled(_each(content, _spelled), at)
    except RuntimeError as error:
        if "font" not in str(error) and "character" not in str(error) and "glyph" not in str(error):
            raise
    # A font has the character, but not in this place (a mark on a letter of another font): plain text is always drawn.
    return _compiled(_each(content, _plainly_spelled), at)


def _each(content: Mapping[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: value if name == "record" else change(value) for name, value in content.items()}


def _spelled(value: Any) -> Any:
    """The value, with each character that no font has as its number, alone."""
    return _map(value, lambda text: "".join(_shown(text, place) for place in range(len(text))))


def _plainly_spelled(value: Any) -> Any:
    return _map(value, lambda text: "".join(one if _PLAIN.match(one) else _number(one) for one in text))


def _shown(text: str, place: int) -> str:
    one = text[place]
    if _PLAIN.match(one) or one in _INVISIBLE:
        return one
    if _SELECTORS.match(one):
        return one if place and _has_glyph(text[place - 1]) else _number(one)
    return one if _has_glyph(one) else _number(one)


def _has_glyph(one: str) -> bool:
    """Whether a font has it. Controls and private characters mean nothing to a reader, whatever a font has there."""
    category = unicodedata.category(one)
    return category[0] != "C" and category not in ("Zl", "Zp") and ord(one) in fonts.covered()


def _number(one: str) -> str:
    return f"[U+{ord(one):04X}]"


def _map(value: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _map(one, change) for name, one in value.items()}
    return value


def _compiled(content: dict[str, Any], at: datetime) -> bytes:
    runs = Runs()
    everything = json.dumps({name: value for name, value in content.items() if name != "record"}, ensure_ascii=False)
    data = content | {name: _map(content[name], runs.parts) for name in _DRAWN}
    data["fonts"] = fonts.families(everything)
    pdf = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=fonts.installed(),
        ignore_system_fonts=True,
        sys_inputs={"content": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-3a"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return write_actual_text(pdf, runs.texts)
