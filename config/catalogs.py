"""Compiles `locale/*/LC_MESSAGES/django.po` with Babel into what Django reads: `python -m config.catalogs`.

For developers alone: compiled catalogs are kept beside their sources, so that a fresh clone and the image have them.
"""

import sys
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).resolve().parent.parent / "locale"


def read(text: str) -> Catalog:
    """The catalog, with its contexts and plurals.

    Raises ValueError for a line that is not understood, a message that stands twice, a placeholder that the source does
    not have, and a plural form that is missing.
    """
    try:
        catalog = read_po(StringIO(text), abort_invalid=True)
    except PoFileError as error:
        raise ValueError(str(error)) from error
    # Babel merges what stands twice: the first translation would be lost without a word.
    if f"\n{text}".count("\nmsgid ") != len(catalog) + 1:
        raise ValueError("a message stands twice, or the header is missing")
    for message, errors in catalog.check():
        raise ValueError(f"{message.id}: {errors[0]}")
    for message in catalog:
        # Babel fills these up with nothing, and then with the source's words.
        forms = tuple(message.string or ()) if message.pluralizable else ()
        if any(forms) and not all(forms):
            raise ValueError(f"{message.id}: a plural form is missing")
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """The catalog in gettext's binary form; what has no translation, or a fuzzy one, is left out."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def main(root: Path = ROOT) -> None:
    """Compile every catalog there is."""
    for source in sorted(root.rglob("*.po")):
        source.with_suffix(".mo").write_bytes(compiled(read(source.read_text())))
        sys.stdout.write(f"{source.parent.parent.name}: compiled\n")


if __name__ == "__main__":
    main()
