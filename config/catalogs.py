"""The catalogs of translations, `locale/*/LC_MESSAGES/django.po`, for developers alone.

| to | run |
|---|---|
| compile them with Babel into what Django reads | `python -m config.catalogs` |
| bring them up to date with the code first | `python -m config.catalogs --extract` |
| and take translations from another catalog too, as after a merge | `python -m config.catalogs --extract OTHER.po` |

Bringing up to date keeps every translation that is used, adds what is new without one, drops what is unused, and
names what has no translation. Compiled catalogs are kept beside their sources, so that a fresh clone and the image
have them.
"""

import sys
from collections.abc import Iterable
from io import BytesIO, StringIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from config.extraction import Found, everything

PROJECT = Path(__file__).resolve().parent.parent
ROOT = PROJECT / "locale"


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


def up_to_date(found: Iterable[Found], *sources: Catalog) -> Catalog:
    """A catalog of what was found, with its translations in the sources, of which the first counts most."""
    first = sources[0]
    catalog = Catalog(header_comment=first.header_comment, fuzzy=False)
    # Its plural forms too: two, as Django has them, where Babel would put three.
    catalog.mime_headers = first.mime_headers
    catalog.msgid_bugs_address = first.project
    for each in found:
        context = each.context or None
        known = [message for source in sources if (message := source.get(each.text, context)) is not None]
        translated = next((message for message in known if is_translated(message, each)), None)
        string = translated.string if translated is not None else ("", "") if each.plural else ""
        catalog.add(each.id, string, locations=[(each.file, each.line)], context=context)
    return catalog


def is_translated(message: Message, found: Found) -> bool:
    """Whether it says the same, plural for plural, in another language; a guess does not count."""
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return message.pluralizable == bool(found.plural) and not message.fuzzy and all(strings)


def untranslated(found: Iterable[Found], catalog: Catalog) -> list[str]:
    """Each message that the catalog does not translate, by its first place."""
    missing: dict[object, str] = {}
    for each in found:
        message = catalog.get(each.text, each.context or None)
        if message is None or not is_translated(message, each):
            missing.setdefault((each.id, each.context), str(each))
    return list(missing.values())


def unused(found: Iterable[Found], catalog: Catalog) -> list[str]:
    """Each message of the catalog that nothing asks for."""
    asked = {(each.text, each.context or None) for each in found}
    return [
        str(message.id)
        for message in catalog
        if message.id and ((message.id[0] if message.pluralizable else message.id), message.context) not in asked
    ]


def written(catalog: Catalog) -> str:
    """The catalog as a file: in the order of the code, with the files that use each message."""
    file = BytesIO()
    write_po(file, catalog, width=0, include_lineno=False)
    return file.getvalue().decode()


def extract(root: Path, others: Iterable[Path]) -> None:
    """Bring every catalog up to date with the code, and say what has no translation."""
    found, more = everything(PROJECT), [read_po(StringIO(path.read_text())) for path in others]
    for source in sorted(root.rglob("*.po")):
        catalog = up_to_date(found, read_po(StringIO(source.read_text())), *more)
        source.write_text(written(catalog))
        sys.stdout.writelines(f"{source.parent.parent.name}: {message}\n" for message in untranslated(found, catalog))


def main(root: Path = ROOT, arguments: Iterable[str] = ()) -> None:
    """Compile every catalog there is; bring it up to date before if that is asked for."""
    options = list(arguments)
    if options[:1] == ["--extract"]:
        extract(root, map(Path, options[1:]))
    for source in sorted(root.rglob("*.po")):
        source.with_suffix(".mo").write_bytes(compiled(read(source.read_text())))
        sys.stdout.write(f"{source.parent.parent.name}: compiled\n")


if __name__ == "__main__":
    main(arguments=sys.argv[1:])
