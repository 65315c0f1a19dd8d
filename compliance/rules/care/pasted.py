"""Laboratory values out of pasted lines: `ALT 34 U/L`, `Triglycerides: 2.1 mmol/L (0.0-1.7)`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .laboratory import UNITS, Value

#: What laboratories call the tests, English and Spanish, without case.
NAMES: Mapping[str, str] = {
    "alanine aminotransferase": "alt", "alanina aminotransferasa": "alt", "sgpt": "alt", "tgp": "alt", "gpt": "alt",
    "alat": "alt", "alt": "alt",
    "aspartate aminotransferase": "ast", "aspartato aminotransferasa": "ast", "sgot": "ast", "tgo": "ast",
    "got": "ast", "asat": "ast", "ast": "ast",
    "triglycerides": "triglycerides", "triglycéridos": "triglycerides", "triglicéridos": "triglycerides",
    "trigliceridos": "triglycerides", "trig": "triglycerides", "tg": "triglycerides",
    "total cholesterol": "cholesterol", "cholesterol, total": "cholesterol", "colesterol total": "cholesterol",
    "cholesterol": "cholesterol", "colesterol": "cholesterol", "chol": "cholesterol",
    "creatine kinase": "ck", "creatina quinasa": "ck", "creatina cinasa": "ck", "cpk": "ck", "ck": "ck",
}  # fmt: skip

_UNIT_NAMES: Mapping[str, str] = {
    "u/l": "U/L", "iu/l": "U/L", "ui/l": "U/L", "mg/dl": "mg/dL", "mmol/l": "mmol/L", "µkat/l": "µkat/L",
    "μkat/l": "µkat/L", "ukat/l": "µkat/L",
}  # fmt: skip

_NAME = "|".join(map(re.escape, NAMES))
_NUMBER = r"[0-9]{1,6}(?:[.,][0-9]{1,4})?"  # as `laboratory.decimal` reads one: of no other script
_PATTERN = (
    rf"^\W*(?P<name>{_NAME})\b(?:\s*\([^()\d]*\))?[\s:=]*(?P<number>{_NUMBER})\s*(?:[hl]\b)?\s*"
    rf"(?P<unit>[a-zµμ]+/[a-z]+)\s*(?:[hl]\b)?\s*"
    rf"(?:[(\[]?\s*(?:(?:ref\.?|range|normal)\W*)?(?:(?:{_NUMBER}\s*[-–]\s*)|<\s*=?\s*|≤\s*)(?P<upper>{_NUMBER})(?![-/.,\d]).*)?$"
)
_LINE = re.compile(_PATTERN, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was understood of pasted lines, and the lines that were not."""

    values: Mapping[str, Value]
    not_understood: tuple[str, ...]


def read_lines(text: str) -> Pasted:
    """The values in pasted lines. A line that names a test twice, or is not understood, is given back."""
    values: dict[str, Value] = {}
    unclear: list[str] = []
    for line in _lines(text):
        found = _read(line)
        if found is None or found[0] in values:
            unclear.append(line)
        else:
            values[found[0]] = found[1]
    return Pasted(values, tuple(unclear))


def _lines(text: str) -> Iterator[str]:
    """Lines with something in them; several values in one line are parted by a semicolon."""
    for line in re.split(r"[\n;]", text):
        if line.strip():
            yield " ".join(line.split())


def _read(line: str) -> tuple[str, Value] | None:
    match = _LINE.match(line)
    if match is None:
        return None
    test = NAMES[match["name"].lower()]
    unit = _UNIT_NAMES.get(match["unit"].lower(), "")
    if unit not in UNITS[test]:
        return None
    number, upper = (one.replace(",", ".") if one else "" for one in (match["number"], match["upper"]))
    return test, Value(number, unit, upper)
