"""All blockers: code, who must act, the step that clears it, and the source (rules, sections 5.1 and 5.2).

The sentences here are exact and clinical, for the JSON interface and `docs/rules.md`. The words for people are in
`compliance/words/`, by role.
"""

from dataclasses import dataclass
from datetime import date

from .editions import Edition
from .sources import Source

PRESCRIBER = "prescriber"
PATIENT = "patient"
GUARDIAN = "guardian"
OFFICE = "office"
PHARMACY = "pharmacy"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Rule:
    """The fixed part of a blocker: code, who must act, step and words."""

    code: str
    who: tuple[str, ...]
    step: str
    sentence: str
    remedy: str
    #: The edition's parameter whose citation stands behind it; empty where the rule has no number.
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One unmet requirement, and the day on which time alone clears it, if it does."""

    rule: Rule
    clears_on: date | None
    edition: str
    source: Source
    #: Who must act; `nobody` where only time helps.
    who: tuple[str, ...]

    @property
    def code(self) -> str:
        """The stable code of the rule behind it."""
        return self.rule.code


_RULES = (
    Rule("prescriber-not-certified", (PRESCRIBER,), "certify",
         "The prescriber is not certified today.",
         "The prescriber attests for another year, or asks the program office."),
    Rule("pharmacy-not-certified", (PHARMACY,), "certify",
         "This pharmacy is not certified today.",
         "The pharmacy renews its yearly training and certification."),
    Rule("not-enrolled", (PRESCRIBER,), "enrol",
         "No course of treatment is open.",
         "The prescriber enrols the patient."),
    Rule("under-age", (NOBODY,), "wait",
         "The patient is younger than the minimum age.",
         "Treatment can begin on the birthday.", "least_age"),
    Rule("course-gap", (NOBODY,), "wait",
         "The last dose of the previous course is too recent.",
         "A further course can begin when the gap is over.", "between_courses_days"),
    Rule("course-elsewhere", (PRESCRIBER, OFFICE), "end-one-course",
         "The same person has an open course in another file.",
         "One of the two courses is ended, or the office ends the link between the files."),
    Rule("stop-open", (PRESCRIBER,), "clear-stop",
         "A positive test or a report of pregnancy has stopped treatment.",
         "The prescriber examines the cause and clears the stop."),
    Rule("lead-in-not-complete", (NOBODY,), "wait",
         "Both methods of contraception have not been in use long enough.",
         "The second test can be taken when the lead-in is over.", "lead_in_days"),
    Rule("screening-test-missing", (PRESCRIBER,), "enter-test",
         "There is no screening test.",
         "The prescriber enters a test from a setting that counts.", "screening"),
    Rule("confirmatory-test-missing", (PRESCRIBER,), "enter-test",
         "There is no second test that opens a window.",
         "The prescriber enters a second test, late enough, with its menses timing.", "confirmatory"),
    Rule("monthly-test-missing", (PRESCRIBER,), "enter-test",
         "There is no test for this month.",
         "The prescriber enters a test taken after the day of the last dispense.", "monthly"),
    Rule("window-expired", (PRESCRIBER,), "enter-test",
         "The window has closed.",
         "The prescriber enters what opens another window.", "window_last_day"),
    Rule("lockout", (NOBODY,), "wait",
         "After a missed first window the next test must wait.",
         "A test taken from the day named opens a window.", "lockout_days"),
    Rule("counselling-missing", (PRESCRIBER,), "counsel",
         "Counselling is not recorded.",
         "The prescriber counsels the patient and enters the visit.", "cannot_counselling_days"),
    Rule("contraception-missing:prescriber", (PRESCRIBER,), "declare-methods",
         "The prescriber has not declared the methods of contraception.",
         "The prescriber enters both methods and since when they are in use."),
    Rule("contraception-missing:patient", (PATIENT,), "declare-methods",
         "The patient has not declared the methods of contraception.",
         "The patient enters both methods."),
    Rule("contraception-mismatch", (PRESCRIBER, PATIENT), "declare-methods",
         "Prescriber and patient name different methods.",
         "They compare both declarations, and one of them enters the methods again."),
    Rule("comprehension-missing", (PATIENT,), "answer-questions",
         "The month's questions are not answered.",
         "The patient answers them."),
    Rule("authorization-open", (PHARMACY,), "use-authorization",
         "An authorization of this patient is open.",
         "The pharmacy that obtained it dispenses or reverses it."),
    Rule("supply-too-long", (PHARMACY,), "shorten-supply",
         "The requested supply is too long.",
         "The pharmacy requests fewer days.", "largest_supply_days"),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for rule in _RULES}


def _for_document(code: str) -> Rule:
    """The rule for a document's missing signature; the document is named after the colon."""
    kind, document = code.split(":", 1)
    if kind == "guardian-signature-missing":
        return Rule(
            code, (GUARDIAN,), f"sign:{document}",
            "The patient signed under age, and no guardian's signature is valid.",
            "A guardian signs as well; from the day the patient is of age, the patient signs anew.",
        )  # fmt: skip
    return Rule(
        code, (PATIENT,), f"sign:{document}",
        "A signature of the patient is missing.", "The patient reads the document and signs it.",
    )  # fmt: skip


def rule(code: str) -> Rule:
    """The rule behind a blocker's code."""
    return RULES[code] if code in RULES else _for_document(code)


def block(code: str, edition: Edition, clears_on: date | None = None, *, who: tuple[str, ...] | None = None) -> Blocker:
    """The blocker of that code under `edition`; `who` where others must act than the rule names."""
    named_rule = rule(code)
    source = edition.sources[named_rule.parameter or "in_force_from"]
    return Blocker(named_rule, clears_on, edition.code, source, who or named_rule.who)
