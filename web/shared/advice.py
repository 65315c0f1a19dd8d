"""Advice that follows who can still act, and not the role alone that a rule names."""

from dataclasses import dataclass, replace

from compliance.rules.assessment import Assessment
from compliance.rules.blockers import PRESCRIBER, Blocker
from compliance.rules.practice import STEPS
from compliance.words import advice
from patients.models import Prescriber
from patients.who_acts import WhoActs
from ui.components import Action, OpenTask
from ui.navigation import Words

#: Nobody who covers can renew a certification.
_OWN = frozenset({"prescriber-not-certified"})


@dataclass(frozen=True, slots=True)
class Advice:
    """Who can act for one patient, and, for a reader who can ask for another prescriber, where."""

    acts: WhoActs
    another: Action | None = None

    def who(self, code: str = "") -> str:
        """`prescriber`, `covered` or `nobody`: who can put that right."""
        if self.acts.prescriber:
            return PRESCRIBER
        return "covered" if self.acts.covering and code not in _OWN else "nobody"

    def of(self, code: str, role: str) -> str | None:
        """The remedy for that role; None where the usual one is right."""
        who = self.who(code)
        words = advice.REMEDY.get(who, {}).get(role)
        return advice.filled(words, **_covering(self.acts, who)) if words is not None else None


def _covering(acts: WhoActs, who: str) -> dict[str, str]:
    if who != "covered":
        return {}
    first: Prescriber = acts.covering[0]
    return {"name": first.user.name, "practice": first.practice_name, "phone": first.phone}


def advised(task: OpenTask, blocker: Blocker, role: str, given: Advice | None) -> OpenTask:
    """The task with the advice that fits who can act; as it is, where the prescriber can, or need not."""
    if given is None or PRESCRIBER not in blocker.who or _can_do(role, blocker):
        return task
    remedy = given.of(blocker.code, role)
    if remedy is None:
        return task
    who = given.who(blocker.code)
    others: tuple[Words, ...] = task.who[1:] if task.who else ()
    action = task.action or (given.another if who == "nobody" else None)
    return replace(task, remedy=remedy, who=(advice.WHO[who], *others), action=action)


def _can_do(role: str, blocker: Blocker) -> bool:
    """Whether the reader, who is of the practice or covers, can put it right all the same."""
    if role == "designee":
        # What a designee enters counts whatever became of the prescriber.
        return STEPS.get(blocker.rule.step, False)
    return role == PRESCRIBER and blocker.code not in _OWN


def concerns_nobody(assessment: Assessment, blocker: Blocker) -> bool:
    """Whether it is about a prescriber whose patient this is no more: the next course names who has the file."""
    history = assessment.history
    return blocker.code in _OWN and history.course is None and history.holder != history.prescriber
