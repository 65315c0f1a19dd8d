"""The data of what goes along with the medicine: how it is taken, and what goes on when treatment has ended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.documents import products
from compliance.rules.assessment import Assessment
from compliance.rules.care import dose
from compliance.rules.care.after_treatment import AfterTreatment, after_treatment, is_shown
from compliance.rules.care.course_dose import last_prescribed
from compliance.words import dose as dose_words
from compliance.words.numbers import fill_in
from compliance.words.taking import AFTER_TREATMENT, CAPSULES_LEFT, HOW_TO_TAKE, Topic, taking_numbers
from ui import times
from ui.components import Step
from web.shared.common import PatientContext, is_tested
from web.shared.page_language import document_language

from .presenters import first_aid


def how_to_take(ctx: PatientContext) -> dict[str, Any]:
    """The advice, by topic; what is asked of those who are tested is said to nobody else."""
    if ctx.assessment is None:
        return {"topics": [], "guide_language": document_language(), **first_aid(ctx)}
    numbers, tested = taking_numbers(ctx.assessment.edition), is_tested(ctx)
    topics = [_filled_in(topic, numbers) for topic in HOW_TO_TAKE if tested or not topic.tested]
    return {"topics": topics, "own": _prescribed(ctx), "guide_language": document_language(), **first_aid(ctx)}


@dataclass(frozen=True, slots=True)
class OwnPrescription:
    """What was prescribed last, as it is taken; one capsule alone is the first dose."""

    product: str
    first_dose: str
    second_dose: str
    food: str


def _prescribed(ctx: PatientContext) -> OwnPrescription | None:
    """The prescription of the open course, if one was recorded."""
    record = last_prescribed(ctx.file.history(ctx.at))
    if record is None:
        return None
    first, second = dose.two_doses(record.capsules)
    return OwnPrescription(
        product=str(dose_words.PRODUCTS[record.product]),
        first_dose=dose_words.capsules_words(first),
        second_dose=dose_words.capsules_words(second) if second else "",
        food=dose_words.food_words(products.all_products()[record.product]),
    )


def _filled_in(topic: Topic, numbers: Mapping[str, str]) -> Topic:
    return Topic(topic.heading, tuple(fill_in(point, numbers) for point in topic.points))


def along(ctx: PatientContext) -> dict[str, Any]:
    """What the first page says of the medicine: the way to its pages in a course, what goes on after one."""
    in_course = ctx.assessment is not None and ctx.assessment.course is not None
    return {"in_course": in_course, "after": after(ctx.assessment), "guide_language": document_language()}


def after(assessment: Assessment | None) -> dict[str, Any] | None:
    """The days after treatment, and what is done with capsules that are left; None while a course is open, and once
    nothing is to be kept in mind any more.
    """
    days = after_treatment(assessment) if assessment is not None else None
    if assessment is None or days is None or not is_shown(days, assessment):
        return None
    steps = list(_steps(days, assessment.day))
    return {"last_dose": days.last_dose_on, "steps": steps, "capsules": CAPSULES_LEFT}


def _steps(after: AfterTreatment, today: date) -> Iterator[Step]:
    for test in after.tests:
        words = AFTER_TREATMENT[test.code][test.is_done]
        state = "done" if test.is_done else "now" if test.due_on <= today else "later"
        yield Step(fill_in(words, {"day": times.first_day(test.due_on)}), state)
    until = {"contraception": after.contraception_until, "blood": after.no_blood_until, "skin": after.no_waxing_until}
    for code, day in until.items():
        if day is not None:
            is_over = today > day
            words = AFTER_TREATMENT[code][is_over]
            yield Step(fill_in(words, {"day": times.last_day(day)}), "done" if is_over else "now")
