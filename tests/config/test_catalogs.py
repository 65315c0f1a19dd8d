"""The catalogs of `locale/` are compiled with their plurals and contexts, and nothing wrong in them is let through."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages import Catalog
from django.template.base import Lexer, TokenType
from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real

from config import catalogs, extraction

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


CODE = """
from django.utils.translation import gettext as translated, gettext_lazy as _, ngettext, pgettext_lazy
a = _("One"), translated("Two" " words"), ngettext("%(n)s day", "%(n)s days", n), pgettext_lazy("verb", "Test")
b = gettext("Not imported")
"""
TEMPLATE = """{% load i18n %}
<p>{% translate "One" %}, {% translate "Test" context "verb" %}, {{ x|default:_("Two") }}</p>
{% blocktranslate trimmed count n=days %}
  {{ n }} day
{% plural %}
  {{ n }} days
{% endblocktranslate %}
{% include "a.html" with title=_("It's \\"here\\"") %}
"""


def test_messages_are_found_in_code_under_whatever_name_gettext_has() -> None:
    found = [(each.text, each.plural, each.context, each.line) for each in extraction.in_code(CODE, "a.py")]
    assert found == [
        ("One", "", "", 3), ("Two words", "", "", 3), ("%(n)s day", "%(n)s days", "", 3), ("Test", "", "verb", 3),
    ]  # fmt: skip


def test_messages_are_found_in_templates() -> None:
    found = [(each.text, each.plural, each.context, each.line) for each in extraction.in_template(TEMPLATE, "a.html")]
    assert found == [
        ("One", "", "", 2), ("Test", "", "verb", 2), ("Two", "", "", 2), ("%(n)s day", "%(n)s days", "", 3),
        ('It\'s "here"', "", "", 8),
    ]  # fmt: skip


def test_a_message_that_is_no_literal_is_refused() -> None:
    source = "from django.utils.translation import gettext as _\n_(words)\n"
    with pytest.raises(extraction.Dynamic, match=r"^a\.py:2: "):
        list(extraction.in_code(source, "a.py"))


def test_catalog_is_brought_up_to_date_with_what_was_translated_here_or_elsewhere() -> None:
    mine = catalogs.read(HEADER + PLURALS_AND_CONTEXTS)
    other = catalogs.read(HEADER + '\nmsgid "New"\nmsgstr "Nuevo"\n\nmsgid "Test"\nmsgstr "Otra"\n')
    found = [
        extraction.Found("a.py", 1, "Test"), extraction.Found("a.py", 2, "Test", context="verb"),
        extraction.Found("a.py", 3, "New"), extraction.Found("a.py", 4, "Guessed"), extraction.Found("b.py", 1, "Test"),
        extraction.Found("b.py", 2, "%(days)s day", "%(days)s days"),
    ]  # fmt: skip
    assert catalogs.unused(found, mine) == ["('tablet', 'tablets')", "Open"]
    assert catalogs.untranslated(found, mine) == ["a.py:3: 'New'", "a.py:4: 'Guessed'"]
    catalog = catalogs.up_to_date(found, mine, other)
    assert _as_rows(catalogs.read(catalogs.written(catalog))) == [
        ("Test", "", "Prueba"), ("Test", "verb", "Probar"), ("New", "", "Nuevo"), ("Guessed", "", ""),
        (("%(days)s day", "%(days)s days"), "", ("%(days)s día", "%(days)s días")),
    ]  # fmt: skip


def _as_rows(catalog: Catalog) -> list[tuple[object, str, object]]:
    return [(message.id, message.context or "", message.string) for message in catalog if message.id]


REAL = catalogs.ROOT / "es/LC_MESSAGES/django.po"


def test_catalog_translates_every_string_and_nothing_else() -> None:
    """After a change: `python -m config.catalogs --extract`, which names what lacks a translation."""
    found, catalog = extraction.everything(catalogs.PROJECT), catalogs.read(REAL.read_text())
    assert catalogs.untranslated(found, catalog) == []
    assert catalogs.unused(found, catalog) == []
    assert catalogs.written(catalogs.up_to_date(found, catalog)) == REAL.read_text()


def test_translations_keep_placeholders_and_tags() -> None:
    for message in catalogs.read(REAL.read_text()):
        if message.id:
            sources, strings = _forms(message.id), _forms(message.string)
            kept = {_kept_parts(text) for text in (" ".join(sources), " ".join(strings))}
            assert len(kept) == 1, message.id


def _forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def _kept_parts(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"%\(\w+\)[sd]|\{\w+\}|</?\w+>", text))


class _Literals(HTMLParser):
    """What a reader of a page would read or hear that no translation replaces."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        said = ("aria-label", "title", "alt", "placeholder", "data-confirm")
        self.found += [value for name, value in attrs if name in said and value and re.search(r"[^\W\d_]", value)]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found += [" ".join(line.split()) for line in data.splitlines() if re.search(r"[^\W\d_]", line)]


#: What is said alike in each language: the name of the product, abbreviations, and languages by their own name.
SAID_ALIKE = {"Clearfill", "· Clearfill", "NPI", "English", "Español", "SHA-256", "SHA-256 …"}


def test_templates_say_nothing_that_cannot_be_translated() -> None:
    found = {}
    for path in sorted((catalogs.PROJECT / extraction.TEMPLATES).rglob("*.html")):
        if path.parent.name == "styleguide":
            continue  # Examples for those who write pages.
        parser = _Literals()
        parser.feed(_text_alone(path.read_text()))
        found[path.relative_to(catalogs.PROJECT).as_posix()] = [said for said in parser.found if said not in SAID_ALIKE]
    assert {name: said for name, said in found.items() if said} == {}


#: What stands inside is translated, or is no text: until the tag that ends it.
_ENDS = {
    "blocktranslate": "endblocktranslate", "comment": "endcomment",
    "block width": "endblock", "block body_class": "endblock",
}  # fmt: skip


def _text_alone(source: str) -> str:
    """The template without its tags, variables and comments, and without what stands between translation tags."""
    kept, end = [], ""
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            words = token.contents.split(" ")
            begun = _ENDS.get(words[0], "") or _ENDS.get(" ".join(words[:2]), "")
            end = "" if end and words[0] == end else end or begun
        kept.append(token.contents if token.token_type == TokenType.TEXT and not end else " ")
    return "".join(kept)


def test_nothing_is_translated_once_for_all_when_a_module_is_loaded() -> None:
    """`gettext` of a module's or a class's body would speak one language to everybody: `gettext_lazy` speaks each."""
    early = []
    for package in extraction.PACKAGES:
        for path in (catalogs.PROJECT / package).rglob("*.py"):
            if "django.utils.translation" in (source := path.read_text()):
                early += [f"{path.name}:{line}" for line in _called_when_loaded(ast.parse(source))]
    assert early == []


def _called_when_loaded(tree: ast.Module) -> list[int]:
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in ("gettext", "ngettext", "pgettext", "npgettext")
    }
    found, waiting = [], list(tree.body)
    while waiting:
        node: ast.AST = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            found.append(node.lineno)
        waiting += ast.iter_child_nodes(node)  # type: ignore[arg-type]
    return found
