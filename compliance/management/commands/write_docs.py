"""Write `docs/rules.md`, `docs/corrections.md` and the pages of other packages from the code."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from compliance.management import corrections_page
from compliance.management.pages import OTHERS
from compliance.rules.blockers import RULES
from compliance.rules.editions import Edition
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import KINDS
from compliance.rules.sources import TITLES
from compliance.rules.stages import STAGES
from compliance.words.numbers import numbers_of
from compliance.words.stages import stage_words

_NOT_SHOWN = {"code", "version", "known_from", "sources"}


def path() -> Path:
    """Where the page stands."""
    return Path(settings.BASE_DIR) / "docs" / "rules.md"


def pages() -> dict[Path, str]:
    """Each page that is made from the code, by where it stands."""
    own = {path(): page(), path().with_name("corrections.md"): corrections_page.page()}
    return own | {path().with_name(name): made() for name, made in OTHERS.items()}


def page() -> str:
    """The rules as the code has it now."""
    parts = ["# The rules as the code has them\n\nMade by `manage.py write_docs`; do not edit.\n"]
    parts += ["\n".join(section) for section in (_editions(), _blockers(), _stages(), _kinds())]
    return "\n".join(parts)


def _editions() -> Iterator[str]:
    editions = ISOTRETINOIN_US.editions
    yield "## Editions of `isotretinoin-us`\n"
    yield "| parameter | " + " | ".join(f"`{edition.code}`" for edition in editions) + " |"
    yield "|---" * (len(editions) + 1) + "|"
    for name in (f.name for f in fields(Edition) if f.name not in _NOT_SHOWN):
        cells = (f"{_shown(getattr(e, name))} ({e.sources[name]})" for e in editions)
        yield f"| {name.replace('_', ' ')} | " + " | ".join(cells) + " |"
    yield "\nSources:\n"
    yield from (f"- `{source}`: {title}" for source, title in TITLES.items())
    yield ""


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return "not asked" if value is None else str(value)


def _blockers() -> Iterator[str]:
    yield "## Blockers, in their order\n"
    yield "| code | who acts | stands when | what clears it |"
    yield "|---|---|---|---|"
    for rule in RULES.values():
        yield f"| `{rule.code}` | {', '.join(rule.who)} | {rule.sentence} | {rule.remedy} |"
    yield ""


def _stages() -> Iterator[str]:
    yield "## Stages\n"
    numbers = numbers_of(ISOTRETINOIN_US, ISOTRETINOIN_US.editions[-1])
    yield from (f"- `{code}`: {stage_words(code, numbers).sentence}" for code in STAGES)
    yield ""


def _kinds() -> Iterator[str]:
    yield "## Kinds of record\n"
    yield from (f"- `{kind}`: {(cls.__doc__ or '').strip().split(chr(10))[0]}" for kind, cls in KINDS.items())
    yield ""


class Command(BaseCommand):
    """Writes the pages."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        for where, text in pages().items():
            where.write_text(text, encoding="utf-8")
            self.stdout.write(f"docs/{where.name} is written")
