"""Consents: a refusal, a withdrawal and an outdated text are different states of a signature."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rules.assessment import Assessment
from compliance.rules.consents import SIGNATURE_STATES, asked_since, signature_state
from compliance.rules.gate import assess
from compliance.rules.records import (
    CategoryChanged,
    ConsentRefused,
    ConsentSigned,
    ConsentWithdrawn,
    Discontinued,
    Enrolled,
    Record,
)
from tests.amount import share
from tests.compliance.rules.test_boundaries import SIGN_AGAIN
from tests.histories import ALWAYS, CAN, CANNOT, HistoryFactory

DOCUMENT = "birth-defects"
MINOR, ADULT = date(2010, 1, 1), date(2001, 4, 2)
#: A patient enrolled at 17, who is of age on the tenth day.
SOON = date(2008, 10, 11)
#: The new version of the text is asked for from this day on: 23 December.
CHANGED = 83

SIGN, NO, BACK = (ConsentSigned(DOCUMENT, "patient"), ConsentRefused(DOCUMENT, "patient"), ConsentWithdrawn(DOCUMENT))
TOO, NOT_TOO = ConsentSigned(DOCUMENT, "guardian"), ConsentRefused(DOCUMENT, "guardian")
NEW, NEW_TOO = (ConsentSigned(DOCUMENT, signer, version=2) for signer in ("patient", "guardian"))
AGAIN = (Discontinued("r"), Enrolled(CAN, "male", prescriber="p"))

#: Born on, what happens on days 1, 2, 3…, on which day it is asked, and where patient and guardian stand.
STANDS: dict[str, tuple[date, tuple[Record, ...], float, str, str]] = {
    "nothing yet": (MINOR, (), 9, "unsigned", "unsigned"),
    "the patient signed": (MINOR, (SIGN,), 9, "signed", "unsigned"),
    "both signed": (MINOR, (SIGN, TOO), 9, "signed", "signed"),
    "the guardian alone": (MINOR, (TOO,), 9, "unsigned", "signed"),
    "a no": (MINOR, (NO,), 9, "refused", "unsigned"),
    "a no, then signed": (MINOR, (NO, SIGN), 9, "signed", "unsigned"),
    "the guardian's no": (MINOR, (SIGN, NOT_TOO), 9, "signed", "refused"),
    "the guardian's no, then signed": (MINOR, (SIGN, NOT_TOO, TOO), 9, "signed", "signed"),
    "signed, and a no later": (MINOR, (SIGN, TOO, NO), 9, "said-no-later", "signed"),
    "the guardian's no later": (MINOR, (SIGN, TOO, NOT_TOO), 9, "signed", "said-no-later"),
    "a no later, and signed anew": (MINOR, (SIGN, NO, SIGN), 9, "signed", "unsigned"),
    "taken back, with the guardian's": (MINOR, (SIGN, TOO, BACK), 9, "withdrawn", "withdrawn"),
    "taken back, the guardian never signed": (MINOR, (SIGN, BACK), 9, "withdrawn", "unsigned"),
    "taken back after the guardian's no": (MINOR, (SIGN, NOT_TOO, BACK), 9, "withdrawn", "refused"),
    "taken back, then a no": (MINOR, (SIGN, BACK, NO), 9, "refused", "unsigned"),
    "taken back, then signed": (MINOR, (SIGN, TOO, BACK, SIGN), 9, "signed", "withdrawn"),
    "taken back after a no": (MINOR, (SIGN, NO, BACK), 9, "withdrawn", "unsigned"),
    "the day before the text changes": (MINOR, (SIGN, TOO), CHANGED - 1, "signed", "signed"),
    "the text has changed": (MINOR, (SIGN, TOO), CHANGED, "outdated", "outdated"),
    "the text has changed, a no since": (MINOR, (SIGN, TOO, NO), CHANGED, "refused", "outdated"),
    "the new text is signed": (MINOR, (SIGN, TOO, NEW), CHANGED, "signed", "outdated"),
    "the new text by both": (MINOR, (SIGN, TOO, NEW, NEW_TOO), CHANGED, "signed", "signed"),
    "of another course": (MINOR, (SIGN, TOO, *AGAIN), 9, "unsigned", "unsigned"),
    "a no of another course": (MINOR, (NO, NOT_TOO, *AGAIN), 9, "unsigned", "unsigned"),
    "an adult": (ADULT, (), 9, "unsigned", "not-asked"),
    "an adult who signed": (ADULT, (SIGN,), 9, "signed", "not-asked"),
    "an adult, beside whom a guardian signed": (ADULT, (SIGN, TOO), 9, "signed", "signed"),
    "under age still": (SOON, (), 9, "unsigned", "unsigned"),
    "of age now": (SOON, (), 11, "unsigned", "not-asked"),
    "of age now, signed before": (SOON, (SIGN,), 11, "of-age", "not-asked"),
    "of age now, both signed before": (SOON, (SIGN, TOO), 11, "signed", "signed"),
    "of age now, signed before and anew": (SOON, (SIGN,) * 11, 12, "signed", "not-asked"),
    "of age now, signed before, a no later": (SOON, (SIGN, NO), 11, "refused", "not-asked"),
    "of age now, the guardian said no before": (SOON, (NOT_TOO,), 11, "unsigned", "not-asked"),
}  # fmt: skip


def asked(history: HistoryFactory, day: float) -> Assessment:
    """By the program that asks for the second version from day `CHANGED` on."""
    return assess(SIGN_AGAIN, history.entries, at=history.at(day), prescribers={"p": ALWAYS})


def of(born_on: date, happens: tuple[Record, ...]) -> HistoryFactory:
    history = HistoryFactory(born_on=born_on)
    for day, record in enumerate(happens, 1):
        history.enter(day, record)
    return history


@pytest.mark.parametrize("name", STANDS)
def test_where_each_signer_stands(name: str) -> None:
    born_on, happens, day, patient, guardian = STANDS[name]
    found = asked(of(born_on, happens), day)
    stands = [
        signature_state(found.history, found.edition, DOCUMENT, signer).state for signer in ("patient", "guardian")
    ]
    assert stands == [patient, guardian]


def test_every_state_is_tried() -> None:
    assert {state for *_story, patient, guardian in STANDS.values() for state in (patient, guardian)} == set(
        SIGNATURE_STATES
    )


EVENTS = st.sampled_from([SIGN, NO, BACK, TOO, NOT_TOO, NEW, NEW_TOO, *AGAIN])


@settings(max_examples=share(5_000, 300), deadline=None)
@given(
    st.sampled_from([MINOR, ADULT, SOON]), st.lists(EVENTS, max_size=8), st.sampled_from([9, 11, CHANGED - 1, CHANGED])
)
def test_it_agrees_with_the_gate(born_on: date, happens: list[Record], day: int) -> None:
    """Somebody has something to sign exactly where the gate asks for it."""
    found = asked(of(born_on, tuple(happens)), day)
    if found.course is None:
        return
    stands = [signature_state(found.history, found.edition, DOCUMENT, signer) for signer in ("patient", "guardian")]
    acts = {blocker.code: blocker.who for blocker in found.blockers}
    guardians = acts.get(f"guardian-signature-missing:{DOCUMENT}", ())
    assert stands[0].missing is (f"consent-missing:{DOCUMENT}" in acts or guardians == ("patient",))
    assert (guardians == ("guardian",)) is (stands[1].missing and not stands[0].missing)


def test_since_when_a_text_is_asked_for() -> None:
    """A further course asks anew, and so does the category that asks for the text again."""
    history = HistoryFactory()
    opened = history.entries[-1].number

    def since(document: str) -> int | None:
        return asked_since(asked(history, 50).history, document)

    assert (since("patient-information"), since(DOCUMENT), since("striking")) == (opened, opened, None)
    history.enter(1, CategoryChanged(CANNOT, "male"))
    assert (since("patient-information"), since(DOCUMENT)) == (opened, None)
    history.enter(2, CategoryChanged(CAN, "r"))
    assert (since("patient-information"), since(DOCUMENT)) == (opened, history.entries[-1].number)
    history.enter(3, Discontinued("r"))
    assert since("patient-information") is None
    history.enter(4, Enrolled(CAN, "male", prescriber="p"))
    assert since("patient-information") == since(DOCUMENT) == history.entries[-1].number
