"""The catalogs of `locale/` are compiled with their plurals and contexts, and nothing wrong in them is let through."""

from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real

from config import catalogs

HEADER = r"""
msgid ""
msgstr ""
"Language: es\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""

PLURALS_AND_CONTEXTS = """
msgid "Test"
msgstr "Prueba"

msgctxt "verb"
msgid "Test"
msgstr "Probar"

#, python-format
msgid "%(days)s day"
msgid_plural "%(days)s days"
msgstr[0] "%(days)s día"
msgstr[1] "%(days)s días"

msgctxt "supply"
msgid "tablet"
msgid_plural "tablets"
msgstr[0] "comprimido"
msgstr[1] "comprimidos"

#, fuzzy
msgid "Guessed"
msgstr "Adivinado"

msgid "Open"
msgstr ""
"""


def compile_catalog(folder: Path, messages: str) -> None:
    """A catalog of these messages in the folder's `es`, compiled by the command."""
    source = folder / "es/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(HEADER + messages)
    catalogs.main(folder)


def test_compiled_catalog_has_plurals_and_contexts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_catalog(tmp_path, PLURALS_AND_CONTEXTS)
    monkeypatch.setattr(trans_real, "_translations", {})
    with override_settings(LOCALE_PATHS=[str(tmp_path)]), translation.override("es"):
        assert translation.gettext("Test") == "Prueba"
        assert translation.pgettext("verb", "Test") == "Probar"
        assert [translation.ngettext("%(days)s day", "%(days)s days", days) for days in (1, 2, 0)] == [
            "%(days)s día", "%(days)s días", "%(days)s días",
        ]  # fmt: skip
        assert [translation.npgettext("supply", "tablet", "tablets", tablets) for tablets in (1, 5)] == [
            "comprimido", "comprimidos",
        ]  # fmt: skip
        assert [translation.gettext(words) for words in ("Guessed", "Open")] == ["Guessed", "Open"]


WRONG = {
    "a line that is none": 'msgid "a"\nmsgstr "b"\nnonsense\n',
    "a message twice": 'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n',
    "a message twice in one context": 'msgctxt "x"\nmsgid "a"\nmsgstr "b"\n\nmsgctxt "x"\nmsgid "a"\nmsgstr "c"\n',
    "an unknown placeholder": '#, python-format\nmsgid "%(days)s days"\nmsgstr "%(dias)s días"\n',
    "a plural form too few": 'msgid "day"\nmsgid_plural "days"\nmsgstr[0] "día"\n',
    "a plural form too many": 'msgid "day"\nmsgid_plural "days"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n',
}


@pytest.mark.parametrize("messages", WRONG.values(), ids=WRONG)
def test_wrong_catalog_is_refused(messages: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        catalogs.read(f"{HEADER}\n{messages}")


def test_catalog_without_header_is_refused() -> None:
    with pytest.raises(ValueError, match="header"):
        catalogs.read('msgid "a"\nmsgstr "b"\n')
