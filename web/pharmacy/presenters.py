"""The gate's answer in the counter's words: who must act and from when, and nothing of why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.commands.decisions import Blocked, Decision
from compliance.models import Authorization
from compliance.records.authorizations import present_states
from compliance.records.programs import program_of
from compliance.rules.present import PresentState
from compliance.words.advice import WHO
from compliance.words.blockers import blocker_words, sends_to_prescriber, words_key
from compliance.words.gate import not_now
from compliance.words.numbers import Numbers, numbers_of
from patients.models import Patient
from patients.who_acts import who_acts as who_acts_for
from ui import times, zone
from ui.components import DecisionCard, Fact, OpenTask
from ui.navigation import Words
from web.shared.advice import Advice
from web.shared.open_tasks import who_acts


def decision_card(decision: Decision) -> DecisionCard:
    """A yes with its number and last day, or a no with everything that is missing."""
    if decision.fault is not None:
        note = _("No rules of the program are in force %(today)s.") % {"today": times.today()}
        return DecisionCard(yes=False, headline=_("Do not dispense"), note=note)
    note = _("Edition %(edition)s of the rules.") % {"edition": decision.edition}
    if decision.number is None:
        asked = (Fact(_("Asked"), at=decision.at),) if decision.at else ()
        return DecisionCard(
            False, _("Do not dispense"), tasks=_tasks(decision), try_again=try_again(decision), facts=asked, note=note
        )
    facts = _facts(decision)
    if decision.allowed:
        return DecisionCard(True, _("Yes, dispense"), decision.number, decision.dispense_by, facts=facts, note=note)
    headline, text = not_now(decision.state or "void")
    return DecisionCard(
        False, headline, decision.number, decision.dispense_by, text=text, facts=facts, tasks=_tasks(decision),
        note=note,
    )  # fmt: skip


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


def _tasks(decision: Decision) -> tuple[OpenTask, ...]:
    program = program_of(decision.program)
    numbers = numbers_of(program, program.edition(decision.edition_of_now or decision.edition))
    advice = _advice(decision)
    tasks = [task for blocked in decision.blockers if (task := _task(blocked, numbers, advice)) is not None]
    return tuple(_without_repeats(tasks))


def _advice(decision: Decision) -> Advice | None:
    """Who can act where the prescriber must; one query, where that is asked."""
    keys = [words_key(blocked.code, blocked.who) for blocked in decision.blockers]
    if decision.patient is None or not any(sends_to_prescriber(key) for key in keys):
        return None
    patient = Patient.objects.select_related("prescriber__user").get(pk=decision.patient)
    return Advice(who_acts_for(patient.prescriber))


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


def _task(blocked: Blocked, numbers: Numbers, advice: Advice | None) -> OpenTask | None:
    key = words_key(blocked.code, blocked.who)
    words = blocker_words(key, "pharmacist", blocked.clears_on, numbers)
    if words is None:
        return None
    # The first who acts stands for all: a list of its own would set one blocker apart from the others.
    who, remedy = who_acts(blocked.who[:1], "pharmacist"), words.remedy
    other = advice.of("", "pharmacist") if advice is not None and sends_to_prescriber(key) else None
    if advice is not None and other is not None:
        who, remedy = (WHO[advice.who()],) if who else (), other
    return OpenTask(words.sentence, remedy, who, clears_on=blocked.clears_on)


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
    numbers, advice = numbers_of(present.program, present.edition), Advice(who_acts_for(row.patient.prescriber))
    tasks = [task for b in present.blockers if (task := _task(Blocked.of(b), numbers, advice)) is not None]
    return tuple(_without_repeats(tasks))
