"""A case of non-compliance as its place reads it: letters, its answers, an appeal. The office shows them too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.commands import noncompliance
from compliance.commands.certifying import Kind, WrongState
from compliance.commands.noncompliance import Said
from compliance.models import ComplianceCase
from compliance.records.noncompliance import cases_of, texts_of
from compliance.records.programs import program_day
from compliance.rules.noncompliance import APPEALABLE, CLOSED, PLACE_STEPS, Case
from compliance.words.noncompliance import APPEAL, LETTERS, SIGNAL, STAGE, STEP, LetterWords
from ledger import log
from ledger.clock import now
from ledger.erasable_text import make_erasable, read_texts
from ledger.idempotency import KeyReused
from ledger.log import Row
from patients.models import Pharmacy, Prescriber
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, reader_of

#: The longest text of a step, as it is typed.
MOST_LETTERS = 2000


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a case, as it is listed."""

    number: int
    at: datetime
    title: Words
    text: str
    due: date | None
    actor: UUID
    #: Whether it is a letter of the office.
    is_letter: bool


@dataclass(frozen=True, slots=True)
class CaseInLog:
    """A case, beside the log of the place in which it stands."""

    case: Case
    rows: Sequence[Row]

    @property
    def is_told(self) -> bool:
        """Whether the place was told of it: no case that was closed before is."""
        return len(self.case.events) > 1 and self.case.events[1].step != CLOSED

    @property
    def signals(self) -> Sequence[dict[str, Any]]:
        """What raised it, as the log says."""
        signals: list[dict[str, Any]] = next(row for row in self.rows if row.number == self.case.number).data["signals"]
        return signals

    def steps(self) -> list[Step]:
        """Its steps, newest first. One query."""
        digests = texts_of(self.rows)
        texts = read_texts(digests[event.number] for event in self.case.events)
        by_number = {row.number: row for row in self.rows}
        return [
            Step(
                event.number, by_number[event.number].at, STAGE[event.step], texts.get(digests[event.number], ""),
                event.due, by_number[event.number].actor, self.is_told and event.step in LETTERS,
            )
            for event in reversed(self.case.events)
        ]  # fmt: skip


def case_in_log(place: UUID, number: int) -> CaseInLog:
    """The case of that number in the log of a place. Raises Http404 where there is none."""
    rows = log.read(place)
    case = cases_of(rows).get(number)
    if case is None:
        raise Http404
    return CaseInLog(case, rows)


def has_open_letters(place: UUID) -> bool:
    """Whether the office waits for this place to answer. One query."""
    return ComplianceCase.objects.filter(place=place, waits_for="place").exists()


def name_of(place: Prescriber | Pharmacy) -> str:
    """What a practice or a pharmacy is called."""
    return place.practice_name if isinstance(place, Prescriber) else place.name


def letter_page(
    request: HttpRequest, place: Prescriber | Pharmacy, found: CaseInLog, number: int, back: tuple[Words, str]
) -> HttpResponse:  # fmt: skip
    """One letter, to read and to print. Raises Http404 where that step is none."""
    event = next((one for one in found.case.events if one.number == number and one.step in LETTERS), None)
    if event is None or not found.is_told:
        raise Http404
    step = next(one for one in found.steps() if one.number == number)
    until_then = Case(tuple(one for one in found.case.events if one.number <= number))
    words: LetterWords = LETTERS[event.step]
    context = {
        "place": place, "name": name_of(place), "letter": words, "step": step, "back": back,
        "raised": [(SIGNAL[one["code"]], date.fromisoformat(one["day"])) for one in found.signals],
        "appeal": APPEAL if event.step in APPEALABLE else "",
        "appeal_until": until_then.appeal_until, "case": found.case.number,
    }  # fmt: skip
    return render(request, "noncompliance/letter.html", context)


# --- the pages of the place -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Desk:
    """Whose pages they are: the kind of place, and the beginning of the names of its addresses."""

    kind: Kind
    home: Words
    home_name: str

    def url(self, page: str, **parts: object) -> str:
        """The address of one of these pages."""
        return reverse(f"{self.kind}:{page}", kwargs=parts)


PRACTICE = Desk("prescriber", gettext_lazy("Practice"), "practice")
PHARMACY = Desk("pharmacy", gettext_lazy("Pharmacy"), "profile")


def own_cases(request: HttpRequest, desk: Desk, place: Prescriber | Pharmacy) -> HttpResponse:
    """The cases of which the place was told, newest first. One query."""
    rows = log.read(place.pk)
    cases = [one for case in cases_of(rows).values() if (one := CaseInLog(case, rows)).is_told]
    lines = [
        {"url": desk.url("case", number=one.case.number), "stage": STAGE[_shown(one.case)], "case": one.case,
         "opened": one.case.events[1].day}
        for one in reversed(cases)
    ]  # fmt: skip
    context = {"lines": lines, "back": (desk.home, desk.url(desk.home_name)), "today": program_day(now())}
    return render(request, "noncompliance/own.html", context)


def _shown(case: Case) -> str:
    return "appeal" if case.appeal is not None else case.stage.step


def own_case(request: HttpRequest, desk: Desk, place: Prescriber | Pharmacy, number: int) -> HttpResponse:
    """One case: what the place may do now, the letters, and what it answered."""
    found = _told(place.pk, number)
    today = program_day(now())
    shown = [one for one in found.steps() if one.number != number]
    context = {
        "case": found.case,
        "stage": STAGE[_shown(found.case)],
        "waits": found.case.waits_for == "place",
        "is_late": found.case.due_on is not None and found.case.due_on < today,
        "steps": [(one, desk.url("case_letter", number=number, letter=one.number)) for one in shown],
        "may": [
            (STEP[step], desk.url("answer_case", number=number, step=step), step == "appeal")
            for step in PLACE_STEPS if found.case.may(step, today)
        ],
        "back": (_("Letters from the program office"), desk.url("cases")),
        "today": today,
    }  # fmt: skip
    return render(request, "noncompliance/own_case.html", context)


def own_letter(
    request: HttpRequest, desk: Desk, place: Prescriber | Pharmacy, number: int, letter: int
) -> HttpResponse:  # fmt: skip
    """One letter of the office."""
    return letter_page(request, place, _told(place.pk, number), letter, (_("Case"), desk.url("case", number=number)))


def _told(place: UUID, number: int) -> CaseInLog:
    found = case_in_log(place, number)
    if not found.is_told:
        raise Http404
    return found


class AnswerForm(BaseForm):
    """What the place says."""

    submit: ClassVar[Words] = gettext_lazy("Send to the program office")

    text = forms.CharField(
        label=gettext_lazy("What you tell the program office"), max_length=MOST_LETTERS,
        widget=forms.Textarea(attrs={"rows": 8}), help_text=gettext_lazy("Please leave out the names of patients."),
    )  # fmt: skip


#: What stands above the form, by step.
_LEADS = {
    "reply": gettext_lazy("Say what happened, and what you do so that it does not happen again."),
    "plan": gettext_lazy("Say what you change, who does it, and by when."),
    "appeal": gettext_lazy("Say what you think is wrong, and why. Another officer reads it and decides."),
}


def answer_page(
    request: HttpRequest, desk: Desk, place: Prescriber | Pharmacy, number: int, step: str
) -> HttpResponse:  # fmt: skip
    """Answer the notice, send a plan, or appeal."""
    if step not in PLACE_STEPS:
        raise Http404
    _told(place.pk, number)
    form, back = AnswerForm(request.POST or None), desk.url("case", number=number)
    if request.method == "POST" and form.is_valid():
        said = Said(text=make_erasable(form.cleaned_data["text"]))
        try:
            noncompliance.answer(
                kind=desk.kind, subject=place.pk, case=number, step=step, said=said, by=actor_of(reader_of(request)),
                at=now(), key=form.idempotency_key,
            )  # fmt: skip
        except WrongState:
            form.refuse(_("This is not open any more. Go back to see where the case stands."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("Sent. The program office reads it."))
            return redirect(back)
    return form_page(request, form, title=STEP[step], lead=_LEADS[step], back=(_("Case"), back))
