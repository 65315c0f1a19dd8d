"""Open tasks: each blocker as one reader sees it, with its sentence, who must act, the deadline and the action."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from compliance.rules import consents
from compliance.rules.assessment import Assessment
from compliance.rules.blockers import GUARDIAN, NOBODY, Blocker
from compliance.rules.practice import STEPS
from compliance.words.blockers import NO_GUARDIAN, BlockerWords, blocker_words, words_key
from compliance.words.consents import missing_words
from compliance.words.numbers import numbers_of
from compliance.words.sources import SOURCES
from ui.components import Action, OpenTask
from ui.navigation import Words

from .advice import Advice, advised, concerns_nobody

#: Who acts, as each role reads it. Who can do it reads "you".
ACTORS: Mapping[str, Words] = {
    "prescriber": _("the prescriber"),
    "patient": _("the patient"),
    "guardian": _("the guardian"),
    "pharmacy": _("the pharmacy"),
    "office": _("the program office"),
}

_ACTOR_OF_ROLE: Mapping[str, str] = {
    "prescriber": "prescriber",
    "designee": "prescriber",
    "patient": "patient",
    "guardian": "guardian",
    "pharmacist": "pharmacy",
    "officer": "office",
}


#: Whose signature each kind of blocker misses.
_SIGNERS = {"consent-missing": "patient", "guardian-signature-missing": "guardian"}


def is_own(one: str, role: str, step: str) -> bool:
    """Whether a reader of this role is the one who acts; of the prescriber's steps a designee takes some."""
    return one == _ACTOR_OF_ROLE.get(role) and (role != "designee" or STEPS.get(step, False))


def who_acts(who: Iterable[str], role: str, step: str = "") -> tuple[Words, ...]:
    """Those who must act, by the step that puts it right; empty where only time helps."""
    return tuple(_("you") if is_own(one, role, step) else ACTORS[one] for one in who if one in ACTORS)


def open_tasks_of(
    assessment: Assessment, role: str, actions: Mapping[str, Action] | None = None, advice: Advice | None = None, *,
    has_guardian: bool = True,
) -> list[OpenTask]:  # fmt: skip
    """Every blocker that this role is shown, in order, with what the reader can do about it.

    `advice` says who can act where the prescriber must; `has_guardian`, whether somebody stands beside the patient who
    can give a guardian's signature.
    """
    return list(tasks_by_code(assessment, role, actions, advice, has_guardian=has_guardian).values())


def tasks_by_code(
    assessment: Assessment, role: str, actions: Mapping[str, Action] | None = None, advice: Advice | None = None, *,
    has_guardian: bool = True,
) -> dict[str, OpenTask]:  # fmt: skip
    """The same, by the code of the blocker."""
    until = assessment.window.last if assessment.window else None
    tasks = {}
    for blocker in assessment.blockers:
        words = None if concerns_nobody(assessment, blocker) else _words(assessment, blocker, role)
        if words is None:
            continue
        task = advised(_task(blocker, words, role, until, actions or {}), blocker, role, advice)
        if not has_guardian and blocker.who == (GUARDIAN,):
            task = _with_nobody_to_sign(task, role, actions or {})
        tasks[blocker.code] = task
    return tasks


def _with_nobody_to_sign(task: OpenTask, role: str, actions: Mapping[str, Action]) -> OpenTask:
    """A guardian's signature that nobody can give: first the practice names somebody."""
    words = NO_GUARDIAN.get(role)
    if words is None:
        return task
    action = actions.get("name-guardian")
    who = (_("you"),) if action is not None else (ACTORS["prescriber"],)
    return replace(task, sentence=words.sentence, remedy=words.remedy, who=who, yours=action is not None, action=action)


def _words(assessment: Assessment, blocker: Blocker, role: str) -> BlockerWords | None:
    """A signature that was refused or taken back, or whose text has changed, is told so; all else by its code."""
    kind, _colon, document = blocker.code.partition(":")
    if kind in _SIGNERS and blocker.who == blocker.rule.who:
        state = consents.signature_state(assessment.history, assessment.edition, document, _SIGNERS[kind]).state
        if (words := missing_words(kind, document, state, role)) is not None:
            return words
    numbers = numbers_of(assessment.history.program, assessment.edition)
    return blocker_words(words_key(blocker.code, blocker.who), role, blocker.clears_on, numbers)


def _task(
    blocker: Blocker, words: BlockerWords, role: str, until: date | None, actions: Mapping[str, Action]
) -> OpenTask:
    step = blocker.rule.step
    yours = any(is_own(one, role, step) for one in blocker.who)
    clinical = role in ("prescriber", "designee", "officer")
    return OpenTask(
        sentence=words.sentence,
        remedy=words.remedy,
        who=who_acts(blocker.who, role, step),
        by=until if blocker.who != (NOBODY,) else None,
        clears_on=blocker.clears_on,
        yours=yours,
        action=actions.get(step) if yours else None,
        code=blocker.code if clinical else "",
        source=rule_words(blocker) if clinical else "",
    )


def rule_words(blocker: Blocker) -> str:
    """Which edition and which source stand behind a blocker."""
    return translated("Edition %(edition)s. Source: %(source)s") % {
        "edition": blocker.edition,
        "source": SOURCES[blocker.source],
    }


def try_again_on(days: Iterable[date | None]) -> date | None:
    """The first day on which it is worth asking again, where time alone clears something."""
    known = [day for day in days if day is not None]
    return max(known) if known else None
