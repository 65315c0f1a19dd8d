"""What is known of a patient when another course begins: the category with its proof, and what is signed anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from compliance.rules.consents import is_minor
from compliance.rules.editions import Program
from compliance.rules.history import History, linked_files
from compliance.rules.next_course import KnownCategory, known_category, known_elsewhere
from compliance.words.choices import CATEGORY, DOCUMENT, LANGUAGE, PROOF_WORDS, REASON
from ledger import access_log
from patients.language import language_of
from ui.navigation import Words
from web.shared.common import PatientContext
from web.shared.guardians import standing_guardians


@dataclass(frozen=True, slots=True)
class KnownLines:
    """The category that is known, in words, and since when."""

    category: Words
    reason: Words
    findings: tuple[Words, ...]
    at: datetime
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class AnotherCourse:
    """What the page of another course says."""

    known: KnownLines | None
    #: What the patient signs anew in either category, by the category's name.
    signed_anew: tuple[tuple[Words, tuple[Words, ...]], ...]
    kept: tuple[str, ...]
    #: What has to be done first or besides; empty where nothing has.
    asked: tuple[Words, ...]


def initial_category(history: History) -> dict[str, Any]:
    """The fields of the category, as they are known; empty where the program has no such choice any more."""
    known = known_category(history)
    if known is None or known.record.category not in history.program.categories:
        return {}
    reasons = history.program.categories[known.record.category].reasons
    if not reasons:
        return {"category": known.record.category}
    if known.record.reason not in reasons:
        return {}
    return {
        "category": known.record.category,
        "reason": known.record.reason,
        "proof": list(_findings(known, history.program)),
    }


def _findings(known: KnownCategory, program: Program) -> Iterable[str]:
    proof = known.record.proof or {}
    return (name for name, value in program.findings.items() if proof.get(name) == value)


def lines_of(known: KnownCategory, program: Program) -> KnownLines:
    """What is known, in words."""
    reasons = program.categories[known.record.category].reasons
    return KnownLines(
        CATEGORY[known.record.category],
        REASON.get(known.record.reason or "", "") if reasons else "",
        tuple(PROOF_WORDS[name] for name in _findings(known, program)),
        known.entry.at,
        known.elsewhere,
    )


def another_course(ctx: PatientContext) -> AnotherCourse:
    """What is known, kept and signed anew."""
    history = ctx.file.history(ctx.at)
    known = known_category(history)
    if known is not None and known.elsewhere:
        log_linked(ctx, history)
    categories = history.program.categories.values()
    anew = tuple((CATEGORY[one.code], tuple(DOCUMENT[code] for code in one.documents)) for one in categories)
    return AnotherCourse(
        lines_of(known, history.program) if known is not None else None, anew, _kept(ctx), tuple(_asked(ctx, history))
    )


def _kept(ctx: PatientContext) -> tuple[str, ...]:
    kept = [translated("Name, birth date, contact data and patient number")]
    if language := language_of(ctx.patient):
        kept.append(translated("Language: %(language)s") % {"language": LANGUAGE[language]})
    if ctx.patient.user_id is not None:
        kept.append(translated("The patient’s account, with its password and passkeys"))
    kept += [translated("Guardian: %(name)s") % {"name": row.name} for row in standing_guardians(ctx)]
    return tuple(kept)


def _asked(ctx: PatientContext, history: History) -> Iterable[Words]:
    if ctx.patient.user_id is None:
        yield _("The patient has no account yet. Send the invitation again, or print a letter, on the patient’s page.")
    if is_minor(history):
        if not standing_guardians(ctx):
            yield _("The patient is under age and has no guardian here. Name one on the patient’s page.")
        else:
            yield _("The guardian signs anew too.")


def elsewhere_line(ctx: PatientContext) -> KnownLines | None:
    """What a linked file says of the category; None without such a file. The access is written in that file too."""
    history = ctx.file.history(ctx.at)
    known = known_elsewhere(history)
    if known is None:
        return None
    log_linked(ctx, history)
    return lines_of(known, history.program)


def log_linked(ctx: PatientContext, history: History) -> None:
    """The reader was shown something of the linked files: each of them says so."""
    files = [UUID(file) for file in sorted(linked_files(history))]
    access_log.add_all(files, by=ctx.by, what="linked_file", why="linked-file", at=ctx.at)
