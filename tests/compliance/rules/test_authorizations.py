"""What became of an authorization, by which record; and which pharmacy may give it back."""

from collections.abc import Callable

import pytest

from compliance.rules.authorizations import UNKNOWN, VOIDING_KINDS, all_of, refuse_reverse
from compliance.rules.records import PregnancyReported, Reversed, StopCleared
from tests.compliance.rules.test_boundaries import filled
from tests.compliance.rules.test_due import authorized
from tests.compliance.rules.test_late_hand_over import seen
from tests.histories import HistoryFactory

#: Name -> (a history, the day of the question, the state, the number of the record that ended it, why the pharmacy may
#: not reverse it).
STATES: dict[str, tuple[Callable[[], HistoryFactory], float, str, int | None, str | None]] = {
    "open": (authorized, 32, "open", None, None),
    "open on its last day": (authorized, 37.49, "open", None, None),
    "expired": (authorized, 37.5, "expired", None, None),
    "void": (lambda: authorized().enter(32, PregnancyReported()), 33, "void", 13, None),
    "void, and the stop is cleared": (
        lambda: authorized().enter(32, PregnancyReported(), StopCleared("r")), 33, "void", 13, None),
    "handed over": (filled, 32, "dispensed", 13, "authorization-dispensed"),
    "handed over, and long past its last day": (filled, 50, "dispensed", 13, "authorization-dispensed"),
    "handed over before a stop": (
        lambda: filled().enter(32, PregnancyReported()), 33, "dispensed", 13, "authorization-dispensed"),
    "reversed": (lambda: authorized().enter(32, Reversed("1")), 33, "reversed", 13, "authorization-reversed"),
    "reversed once it was void": (
        lambda: authorized().enter(32, PregnancyReported(), Reversed("1")), 33, "reversed", 14,
        "authorization-reversed"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_state_of_an_authorization_and_what_ended_it(name: str) -> None:
    make, day, state, ended, _refused = STATES[name]
    fact = all_of(seen(make(), day))["1"]
    assert fact.state == state
    assert (fact.ended.number if fact.ended else None) == ended
    assert (fact.dispensed is not None) == (state == "dispensed")


@pytest.mark.parametrize("name", STATES)
def test_what_may_be_reversed(name: str) -> None:
    make, day, _state, _ended, refused = STATES[name]
    assert refuse_reverse(seen(make(), day), "1", "P") == refused


@pytest.mark.parametrize("name", STATES)
def test_another_pharmacy_knows_of_no_authorization(name: str) -> None:
    make, day, _state, _ended, _refused = STATES[name]
    assert refuse_reverse(seen(make(), day), "1", "Q") == UNKNOWN


def test_a_number_that_was_never_given_is_unknown() -> None:
    assert refuse_reverse(seen(authorized(), 32), "2", "P") == UNKNOWN


def test_kinds_that_make_an_authorization_void() -> None:
    """Which records of them do: `tests/web/test_put_right.py`."""
    assert sorted(VOIDING_KINDS) == [
        "category_changed", "consent_withdrawn", "discontinued", "entry_struck", "file_linked", "file_unlinked",
        "pregnancy_reported", "pregnancy_test", "transferred",
    ]  # fmt: skip
