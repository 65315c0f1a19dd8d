"""The gate's answer in the counter's words: who must act and from when, and nothing of why."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from compliance.commands.gate import Blocked, Decision
from compliance.models import Authorization
from compliance.records.programs import program_of
from compliance.words.blockers import blocker_words, words_key
from compliance.words.numbers import Numbers, numbers_of
from ui.components import DecisionCard, OpenTask
from ui.navigation import Words
from web.shared.open_tasks import who_acts


def decision_card(decision: Decision) -> DecisionCard:
    """A yes with its number and last day, or a no with everything that is missing."""
    if decision.fault is not None:
        return DecisionCard(
            yes=False, headline=_("Do not dispense"), note=_("No rules of the program are in force today.")
        )
    note = _("Edition %(edition)s of the rules.") % {"edition": decision.edition}
    if decision.allowed:
        assert decision.number is not None
        return DecisionCard(True, _("Yes, dispense"), decision.number, decision.dispense_by, note=note)
    program = program_of(decision.program)
    numbers = numbers_of(program, program.edition(decision.edition))
    tasks = [task for blocked in decision.blockers if (task := _task(blocked, numbers)) is not None]
    return DecisionCard(
        False, _("Do not dispense"), tasks=tuple(_without_repeats(tasks)), try_again=try_again(decision), note=note
    )


def decision_as_json(decision: Decision) -> dict[str, Any]:
    """The same answer for a pharmacy's own program: no code, and nothing of why."""
    card = decision_card(decision)
    return {
        "allowed": card.yes,
        "headline": str(card.headline),
        "authorization": card.number or None,
        "do_not_dispense_after": card.last_day.isoformat() if card.last_day else None,
        "try_again_from": card.try_again.isoformat() if card.try_again else None,
        "missing": [
            {"sentence": str(task.sentence), "remedy": str(task.remedy), "who": [str(who) for who in task.who]}
            for task in card.tasks
        ],
        "edition": decision.edition,
    }


def try_again(decision: Decision) -> date | None:
    """The day from which it is worth asking again, as far as time is what is missing; None when it is not."""
    days = [blocked.clears_on for blocked in decision.blockers if blocked.clears_on is not None]
    return max(days) if days else None


def _task(blocked: Blocked, numbers: Numbers) -> OpenTask | None:
    words = blocker_words(words_key(blocked.code, blocked.who), "pharmacist", blocked.clears_on, numbers)
    if words is None:
        return None
    # The first who acts stands for all: a list of its own would set one blocker apart from the others.
    return OpenTask(words.sentence, words.remedy, who_acts(blocked.who[:1], "pharmacist"), clears_on=blocked.clears_on)


def _without_repeats(tasks: list[OpenTask]) -> list[OpenTask]:
    """Each sentence once: several things that the prescriber still has to do read the same at the counter."""
    seen: dict[tuple[str, str, date | None], OpenTask] = {}
    for task in tasks:
        seen.setdefault((str(task.sentence), str(task.remedy), task.clears_on), task)
    return list(seen.values())


@dataclass(frozen=True, slots=True)
class AuthorizationLine:
    """An authorization in the pharmacy's list."""

    row: Authorization
    tone: str
    label: Words
    overdue: bool


def line(row: Authorization, today: date) -> AuthorizationLine:
    """Where an authorization stands today. Expired is a matter of the clock."""
    if row.state == "open" and row.dispense_by < today:
        return AuthorizationLine(row, "no", _("Expired: reverse, or enter the hand-over"), True)
    if row.state == "void":
        return AuthorizationLine(row, "no", _("Void: return to stock and reverse"), True)
    if row.state == "open":
        return AuthorizationLine(row, "act", _("Open"), False)
    return AuthorizationLine(row, "quiet", _("Dispensed") if row.state == "dispensed" else _("Reversed"), False)
