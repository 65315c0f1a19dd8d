"""The stage a patient is in, and what each role can do next (rules, section 11)."""

from collections.abc import Mapping

from .assessment import Assessment
from .blockers import GUARDIAN, NOBODY, OFFICE, PATIENT, PHARMACY, PRESCRIBER
from .records import Dispensed, InvitationAccepted, Invited

STAGES = (
    "invited",
    "consent",
    "lead-in",
    "second-test",
    "month",
    "ready",
    "authorized",
    "between-fills",
    "window-missed",
    "stopped",
    "followed-up",
    "closed",
)

_UNSIGNED = ("consent-missing:", "guardian-signature-missing:")


def stage(assessment: Assessment) -> str:
    """One code of `STAGES`; the first that holds, from the gravest to the most ordinary."""
    if assessment.history.stops.open:
        return "stopped"
    if assessment.course is None:
        return "followed-up" if assessment.owed else "closed"
    if "authorization-open" in assessment.codes:
        return "authorized"
    if any(code.startswith(_UNSIGNED) for code in assessment.codes):
        return "invited" if _waiting_for_acceptance(assessment) else "consent"
    if assessment.allowed:
        return "ready"
    if "window-expired" in assessment.codes:
        return "window-missed"
    if assessment.window is not None:
        return "month"
    return _without_window(assessment)


def _waiting_for_acceptance(assessment: Assessment) -> bool:
    """Whether the patient was invited and has never opened an account."""
    history = assessment.history
    invited = any(r.guardian is None for _, r in history.of(Invited))
    return invited and not any(r.guardian is None for _, r in history.of(InvitationAccepted))


def _without_window(assessment: Assessment) -> str:
    testing = assessment.testing
    if testing is None:
        supplied = bool(assessment.history.in_course(Dispensed))
        return "between-fills" if supplied and "counselling-missing" in assessment.codes else "month"
    if testing.dispensed is not None:
        return "between-fills"
    asks_lead_in = assessment.edition.lead_in_days is not None
    if asks_lead_in and (testing.lead_in_over_on is None or assessment.day < testing.lead_in_over_on):
        return "lead-in"
    return "second-test"


def steps(assessment: Assessment) -> Mapping[str, tuple[str, ...]]:
    """For each role that can act, the codes of its next steps, in the order of the blockers."""
    result: dict[str, list[str]] = {PRESCRIBER: [], PATIENT: [], GUARDIAN: [], PHARMACY: [], OFFICE: []}
    for blocker in assessment.blockers:
        for who in blocker.who:
            if who != NOBODY and blocker.rule.step not in result[who]:
                result[who].append(blocker.rule.step)
    if assessment.owed:
        result[PRESCRIBER].append("enter-owed-test")
    if assessment.course is not None:
        result[PRESCRIBER].append("discontinue")
        if assessment.course.category.tests and not assessment.history.stops.open:
            result[PATIENT].append("report-pregnancy")
    if assessment.allowed:
        result[PHARMACY].append("authorize")
    return {role: tuple(codes) for role, codes in result.items()}
