"""Compiles `locale/*/LC_MESSAGES/django.po` into what Django reads: `python -m config.catalogs`.

The same bytes each time, so that a test can tell when a catalogue was not compiled.
"""

import ast
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "locale"

_MAGIC = 0x950412DE


def read(text: str) -> dict[str, str]:
    """The translations of a catalogue by what they translate. Raises ValueError for what it does not know.

    It knows `msgid` and `msgstr`, also over several lines; no contexts and no plurals.
    """
    found: dict[str, str] = {}
    parts = {"msgid": "", "msgstr": ""}
    at = ""
    for line in [*text.splitlines(), 'msgid ""']:
        word, _space, rest = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if word in parts:
            if word == "msgid" and at:
                if parts["msgid"] in found:
                    raise ValueError(f"twice: {parts['msgid']}")
                found[parts["msgid"]] = parts["msgstr"]
            at, parts[word] = word, ast.literal_eval(rest)
        elif line.startswith('"') and at:
            parts[at] += ast.literal_eval(line)
        else:
            raise ValueError(f"not known: {line}")
    return found


def compiled(translations: dict[str, str]) -> bytes:
    """The catalogue in gettext's binary form; what has no translation is left out."""
    rows = sorted((source.encode(), told.encode()) for source, told in translations.items() if told)
    start = 28 + 16 * len(rows)
    tables: list[bytes] = []
    texts = b""
    for column in (0, 1):
        for row in rows:
            tables.append(struct.pack("<2I", len(row[column]), start + len(texts)))
            texts += row[column] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, len(rows), 28, 28 + 8 * len(rows), 0, start)
    return head + b"".join(tables) + texts


def main() -> None:
    """Compile every catalogue there is."""
    for source in sorted(ROOT.rglob("*.po")):
        source.with_suffix(".mo").write_bytes(compiled(read(source.read_text())))
        sys.stdout.write(f"{source.parent.parent.name}: compiled\n")


if __name__ == "__main__":
    main()
