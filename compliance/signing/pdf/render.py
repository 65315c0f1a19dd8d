"""Render a signature as a PDF: PDF/A-3 with the record attached, drawn from plain data."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

_TEMPLATE = Path(__file__).with_name("signed_pdf.typ")

#: What the fonts that come with the renderer can show for certain.
_SHOWN = re.compile(r"[^\n\x20-\x7e\xa0-\u017f\u0218-\u021b\u2010-\u2026\u20ac]")


def draw(content: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF, not sealed yet. Any character can be in a name: one that no font has is written as its number."""
    data = json.dumps(content, ensure_ascii=False)
    try:
        return _compile(data, at)
    except RuntimeError as error:
        if "font" not in str(error) and "character" not in str(error) and "glyph" not in str(error):
            raise
    plain = {name: value if name == "record" else _spelled(value) for name, value in content.items()}
    return _compile(json.dumps(plain, ensure_ascii=False), at)


def _spelled(value: Any) -> Any:
    if isinstance(value, str):
        return _SHOWN.sub(lambda found: f"[U+{ord(found.group()):04X}]", value)
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    if isinstance(value, dict):
        return {name: _spelled(one) for name, one in value.items()}
    return value


def _compile(data: str, at: datetime) -> bytes:
    pdf = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"content": data},
        pdf_standards=["a-3a"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf
