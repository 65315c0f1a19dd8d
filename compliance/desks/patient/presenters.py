"""What the patient's and the guardian's pages show."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance import documents
from compliance.desks.common import Case
from compliance.desks.needs import needs_of
from compliance.rules import consents, followup
from compliance.rules.contraception import NOT_ACCEPTED
from compliance.rules.gate import Assessment
from compliance.rules.records import ConsentSigned
from compliance.words.choices import DOCUMENT
from compliance.words.methods import METHOD_LABELS, NOT_ACCEPTED_REASONS
from compliance.words.stages import stage_words
from ledger.seal import open_many
from ui.navigation import Words
from ui.shapes import Action, Need, Now, Step

_TONES = {
    "ready": "yes", "authorized": "yes", "between-fills": "quiet", "closed": "quiet", "stopped": "no",
    "followed-up": "info", "lead-in": "wait",
}  # fmt: skip


def _actions(found: Assessment) -> dict[str, Action]:
    """What the patient can press, by the step it puts right."""
    steps = {
        "declare-methods": Action(_("Choose my methods"), reverse("patient:methods"), "shield-check", "main"),
        "answer-questions": Action(
            _("Answer five questions"), reverse("patient:questions"), "circle-question-mark", "main"
        ),
    }
    if found.course:
        for code in found.history.program.documents[found.course.category]:
            url = reverse("patient:sign", kwargs={"document": code})
            steps[f"sign:{code}"] = Action(_("Read and sign"), url, "pen-line", "main")
    return steps


def home(case: Case) -> dict[str, Any]:
    """The patient's first page."""
    found = case.assessment
    if found is None:
        return {"now": Now(_("Nothing to do yet"), tone="wait"), "needs": [], "steps": []}
    needs = needs_of(found, "patient", _actions(found))
    mine = [need for need in needs if need.yours]
    return {
        "now": _now(found, mine),
        # On hold there is one thing to say, and the card above says it.
        "steps": [] if found.stage == "stopped" else [_step(need, mine) for need in needs],
        "owed": [(test.code, test.due_on) for test in found.owed],
        "safe_from": followup.safe_from(found.history, found.edition),
        "can_report": found.course is not None and not found.history.stops.open,
        "number": case.patient.number,
    }


def _now(found: Assessment, mine: list[Need]) -> Now:
    words = stage_words(found.stage, "patient")
    last_day = found.window.last if found.window and (mine or found.stage in ("ready", "authorized")) else None
    if mine and found.stage != "stopped":
        first = mine[0]
        actions = (first.action,) if first.action else ()
        return Now(first.sentence, first.remedy, "act", last_day, actions=actions)
    return Now(words.label, words.sentence, _TONES.get(found.stage, "wait"), last_day)


def _step(need: Need, mine: list[Need]) -> Step:
    if need.yours:
        state = "now" if need is mine[0] else "later"
    else:
        state = "waiting"
    return Step(need.sentence, state, need.remedy, need.action)


def signed(case: Case) -> list[tuple[Words, Any, str, str]]:
    """The documents that are signed: title, the record's entry, printed name, the document's code."""
    history = case.file.history(case.at)
    rows, digests = [], []
    for code in DOCUMENT:
        standing = consents.standing(history, code)
        for entry in (standing.patient, standing.guardian):
            if entry is not None and isinstance(entry.record, ConsentSigned):
                rows.append((code, entry))
                digests.append((entry.record.sealed or {}).get("printed_name", ""))
    names = open_many(digests)
    return [
        (DOCUMENT[code], entry, names.get(digest, ""), code)
        for (code, entry), digest in zip(rows, digests, strict=True)
    ]


def not_accepted() -> list[tuple[Words, Words]]:
    """The methods that people look for and that are not accepted, each with its reason."""
    return [(METHOD_LABELS[code], NOT_ACCEPTED_REASONS[code]) for code in NOT_ACCEPTED]


def ward(case: Case) -> Mapping[str, Any]:
    """A minor, as the guardian sees them: the documents to sign, and the guardian's own signatures."""
    found, rows = case.assessment, []
    course = found.course if found else None
    if found and course:
        for code in found.history.program.documents[course.category]:
            standing = consents.standing(found.history, code)
            own = standing.guardian
            url = reverse("guardian:sign", kwargs={"patient": case.patient.pk, "document": code})
            rows.append(
                {
                    "title": documents.current(code, "en").title,
                    "signed_at": own.at if own else None,
                    "missing": own is None,
                    "action": Action(_("Read and sign"), url, "pen-line", "main"),
                }
            )
    return {"name": case.patient.given_name, "documents": rows}
