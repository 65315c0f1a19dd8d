"""The gate's answer in the counter's words: who must act and from when, and nothing of why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from compliance.commands.decisions import Blocked, Decision
from compliance.models import Authorization
from compliance.records.authorizations import present_states
from compliance.records.programs import program_day, program_of
from compliance.rules.present import PresentState
from compliance.words.advice import TELL, WHO
from compliance.words.blockers import blocker_words, sends_to_prescriber, words_key
from compliance.words.gate import not_now
from compliance.words.numbers import Numbers, numbers_of
from patients import numbers
from patients.models import Patient, Prescriber
from patients.who_acts import who_acts as who_acts_for
from ui import times, zone
from ui.components import Action, Contact, DecisionCard, Fact, OpenTask, Recipient
from ui.navigation import Words
from web.shared.advice import Advice
from web.shared.open_tasks import who_acts


def decision_card(decision: Decision, about: Patient | None = None, own: "OwnToday | None" = None) -> DecisionCard:
    """A yes with its number and last day, or a no with everything that is missing.

    `about` is the patient, with the prescriber's account, where the page says whom it is about; `own` what this
    pharmacy already has of the patient today.
    """
    if decision.fault is not None:
        note = _("No rules of the program are in force %(today)s.") % {"today": times.today()}
        return DecisionCard(yes=False, headline=_("Do not dispense"), note=note)
    return replace(_card(decision, about, own), recipient=recipient_of(about, decision.days_supply) if about else None)


def _card(decision: Decision, about: Patient | None, own: "OwnToday | None") -> DecisionCard:
    note = _("Edition %(edition)s of the rules.") % {"edition": decision.edition}
    if decision.number is None:
        return _no(decision, about, own, note)
    facts = _facts(decision)
    if decision.allowed:
        return DecisionCard(True, _("Yes, dispense"), decision.number, decision.dispense_by, facts=facts, note=note)
    headline, text = not_now(decision.state or "void")
    if decision.state == "dispensed" and decision.since is not None and _is_today(decision.since):
        text = handed_out_words(decision.since)
    tasks, call = _tasks(decision, about)
    return DecisionCard(
        False, headline, decision.number, decision.dispense_by, text=text, facts=facts, tasks=tasks, call=call,
        note=note,
    )  # fmt: skip


def _no(decision: Decision, about: Patient | None, own: "OwnToday | None", note: str) -> DecisionCard:
    tasks, call = _tasks(decision, about)
    if own is not None and own.action is not None:
        # The open authorization is this pharmacy's: there is no other one to send the patient to.
        tasks = tuple(replace(task, tell="") for task in tasks)
    return DecisionCard(
        False, _("Do not dispense"), text=own.words if own else "", action=own.action if own else None, tasks=tasks,
        try_again=try_again(decision), call=call,
        facts=(Fact(_("Asked"), at=decision.at),) if decision.at else (), note=note,
    )  # fmt: skip


def recipient_of(patient: Patient, days_supply: int | None) -> Recipient:
    """Whom an answer is about, as a pharmacist reads it: no name and no birth date."""
    return Recipient(patient.number, initials(patient), patient.born_on.year, days_supply)


def initials(patient: Patient) -> str:
    """The first letters of the names; empty where they were erased."""
    return " ".join(f"{name[0].upper()}." for name in (patient.given_name, patient.family_name) if name)


def recorded_words(row: Authorization) -> str:
    """What was recorded of a hand-over, and what follows."""
    words = ngettext(
        "Recorded: handed over to %(number)s, %(days)d day. The next supply needs a new authorization.",
        "Recorded: handed over to %(number)s, %(days)d days. The next supply needs a new authorization.",
        row.days_supply,
    )
    return words % {"number": numbers.pretty(row.patient.number), "days": row.days_supply}


def reversed_words(count: int) -> str:
    """What was recorded of products that are back in stock."""
    words = ngettext(
        "%(count)d authorization is reversed. The product is in stock again.",
        "%(count)d authorizations are reversed. The products are in stock again.",
        count,
    )
    return words % {"count": count}


def handed_out_words(at: datetime) -> str:
    """What a pharmacist reads who handed this out a while ago."""
    return _("You handed this out today at %(time)s.") % {"time": times.clock_time(at)}


def _is_today(at: datetime) -> bool:
    return times.program_day_and_time(at)[0] == times.program_today()


@dataclass(frozen=True, slots=True)
class OwnToday:
    """What this pharmacy itself has of a patient today, whatever else stands in the way."""

    words: str
    action: Action | None = None


def own_today(patient: UUID, pharmacy: UUID, at: datetime) -> OwnToday | None:
    """The hand-over that this pharmacy recorded today, or its open authorization; None where it has neither.

    It is the pharmacy's own record, and is told of every no alike: it does not say why it is one.
    """
    day = program_day(at)
    mine = Authorization.objects.filter(patient=patient, pharmacy=pharmacy).order_by("-issued_at")
    row = mine.filter(Q(state="dispensed", entered_on=day) | Q(state="open", dispense_by__gte=day)).first()
    if row is None:
        return None
    present = present_states([row], at).get(row.number)
    if present is None:
        return None
    if present.fact.state == "dispensed" and present.fact.ended is not None:
        return OwnToday(handed_out_words(present.fact.ended.at))
    url = reverse("pharmacy:authorization", kwargs={"authorization": row.pk})
    words = _("Your pharmacy has an open authorization for this patient, from %(time)s.")
    return OwnToday(words % {"time": times.clock_time(present.fact.entry.at)}, Action(_("Open the authorization"), url))


def _facts(decision: Decision) -> tuple[Fact, ...]:
    """What was recorded of an authorization, in order."""
    facts = [Fact(_("Authorized"), at=decision.at)] if decision.at else []
    return (*facts, *ended_facts(decision.state, decision.since, decision.handed_over_on))


def ended_facts(state: str | None, since: datetime | None, handed_over_on: date | None) -> list[Fact]:
    """What became of an authorization, where something did."""
    if state == "dispensed":
        return [Fact(_("Handed over"), on=handed_over_on), Fact(_("Hand-over recorded"), at=since)]
    label = _SINCE.get(state or "")
    return [Fact(label, at=since)] if label is not None and since is not None else []


_SINCE: Mapping[str, Words] = {"void": gettext_lazy("Void since"), "reversed": gettext_lazy("Reversed")}


def _tasks(decision: Decision, about: Patient | None) -> tuple[tuple[OpenTask, ...], Contact | None]:
    """What is missing, each thing once, and whom to call about it."""
    program = program_of(decision.program)
    named = numbers_of(program, program.edition(decision.edition_of_now or decision.edition))
    prescribing = _prescribing_of(decision, about)
    tasks = [task for blocked in decision.blockers if (task := _task(blocked, named, prescribing)) is not None]
    return tuple(_without_repeats(tasks)), _whom_to_call(prescribing)


@dataclass(frozen=True, slots=True)
class _Prescribing:
    """The patient's prescriber, where the prescriber must act, and who can in their stead."""

    prescriber: Prescriber
    advice: Advice


def _prescribing_of(decision: Decision, about: Patient | None) -> _Prescribing | None:
    """Who can act where the prescriber must; one query, where that is asked and the patient is not read yet."""
    keys = [words_key(blocked.code, blocked.who) for blocked in decision.blockers]
    if decision.patient is None or not any(sends_to_prescriber(key) for key in keys):
        return None
    patient = about or Patient.objects.select_related("prescriber__user").get(pk=decision.patient)
    return _prescribing(patient.prescriber)


def _prescribing(prescriber: Prescriber) -> _Prescribing:
    return _Prescribing(prescriber, Advice(who_acts_for(prescriber)))


def _whom_to_call(prescribing: _Prescribing | None) -> Contact | None:
    """The practice of who can act; nobody where the prescriber need not, or where nobody can."""
    if prescribing is None:
        return None
    acts = prescribing.advice.acts
    who = prescribing.prescriber if acts.prescriber else next(iter(acts.covering), None)
    return Contact(who.practice_name, who.phone) if who is not None and who.phone else None


def decision_as_json(decision: Decision) -> dict[str, Any]:
    """The same answer for a pharmacy's own program: no code, and nothing of why.

    `allowed`, `headline` and `missing` are of now; `recorded` is what was answered, and what became of it.
    """
    card = decision_card(decision)
    return {
        "allowed": card.yes,
        "headline": str(card.headline),
        "authorization": card.number or None,
        "do_not_dispense_after": card.last_day.isoformat() if card.last_day else None,
        "try_again_from": card.try_again.isoformat() if card.try_again else None,
        "time_zone": str(zone.program()),
        "missing": [
            {"sentence": str(task.sentence), "remedy": str(task.remedy), "who": [str(who) for who in task.who]}
            for task in card.tasks
        ],
        "edition": decision.edition,
        "recorded": {
            "at": _instant(decision.at),
            "allowed": decision.number is not None,
            "state": decision.state,
            "since": _instant(decision.since),
            "handed_over_on": decision.handed_over_on.isoformat() if decision.handed_over_on else None,
        },
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def try_again(decision: Decision) -> date | None:
    """The day from which it is worth asking again, as far as time is what is missing; None when it is not."""
    days = [blocked.clears_on for blocked in decision.blockers if blocked.clears_on is not None]
    return max(days) if days else None


def _task(blocked: Blocked, named: Numbers, prescribing: _Prescribing | None) -> OpenTask | None:
    key = words_key(blocked.code, blocked.who)
    words = blocker_words(key, "pharmacist", blocked.clears_on, named)
    if words is None:
        return None
    # The first who acts stands for all: a list of its own would set one blocker apart from the others.
    who, remedy, tell = who_acts(blocked.who[:1], "pharmacist"), words.remedy, words.tell
    advice = prescribing.advice if prescribing is not None and sends_to_prescriber(key) else None
    other = advice.of("", "pharmacist") if advice is not None else None
    if advice is not None and other is not None:
        who, remedy, tell = ((WHO[advice.who()],) if who else ()), other, TELL[advice.who()]
    return OpenTask(words.sentence, remedy, who, clears_on=blocked.clears_on, tell=tell)


def _without_repeats(tasks: list[OpenTask]) -> list[OpenTask]:
    """Each sentence once: several things that the prescriber still has to do read the same at the counter."""
    seen: dict[tuple[str, str, date | None], OpenTask] = {}
    for task in tasks:
        seen.setdefault((str(task.sentence), str(task.remedy), task.clears_on), task)
    return list(seen.values())


@dataclass(frozen=True, slots=True)
class AuthorizationLine:
    """An authorization of the pharmacy as it stands now."""

    row: Authorization
    state: str
    tone: str
    label: Words
    #: Whether a hand-over can be entered: `now`, only one that was `before`, or `none`.
    hand_over: str
    facts: tuple[Fact, ...] = ()
    tasks: tuple[OpenTask, ...] = ()

    @property
    def may_dispense(self) -> bool:
        """Whether the product may be handed over now."""
        return self.state == "open" and self.hand_over == "now"

    @property
    def is_overdue(self) -> bool:
        """Whether the product goes back to stock, and the authorization is reversed then."""
        return self.state in ("void", "expired")


_STATES: Mapping[str, tuple[str, Words]] = {
    "void": ("no", gettext_lazy("Void: return to stock and reverse")),
    "expired": ("no", gettext_lazy("Expired: reverse, or enter the hand-over")),
    "dispensed": ("quiet", gettext_lazy("Dispensed")),
    "reversed": ("quiet", gettext_lazy("Reversed")),
}


def lines(rows: Collection[Authorization], at: datetime) -> list[AuthorizationLine]:
    """Where each authorization stands at `at`, and whether it may be dispensed on."""
    presents = present_states(rows, at)
    return [_line(row, presents.get(row.number)) for row in rows]


def _line(row: Authorization, present: PresentState | None) -> AuthorizationLine:
    if present is None:
        return AuthorizationLine(row, "unknown", "no", _("Do not dispense: ask the program office"), "none")
    state = present.fact.state
    facts = (
        Fact(_("Authorized"), at=present.fact.entry.at),
        *ended_facts(state, present.fact.ended.at if present.fact.ended else None, present.handed_over_on),
    )
    if state != "open":
        return AuthorizationLine(row, state, *_STATES[state], present.hand_over, facts)
    if present.allowed:
        return AuthorizationLine(row, state, "act", _("Open"), present.hand_over, facts)
    return AuthorizationLine(
        row, state, "no", _("Do not dispense now"), present.hand_over, facts, _tasks_of_now(present, row)
    )


def _tasks_of_now(present: PresentState, row: Authorization) -> tuple[OpenTask, ...]:
    if present.edition is None:
        return ()
    named, prescribing = numbers_of(present.program, present.edition), _prescribing(row.patient.prescriber)
    tasks = [task for b in present.blockers if (task := _task(Blocked.of(b), named, prescribing)) is not None]
    return tuple(_without_repeats(tasks))
