"""The tables of who writes which record: total, and the same in `verify.py`, which goes without the program."""

from accounts import events
from compliance.commands import certifying
from compliance.commands.permissions import (
    AT_REGISTRATION,
    MAY_ENTER,
    MUST_BE_SIGNED,
    PRACTICES_SIGN,
    SIGNED_SINCE,
    WRITERS,
)
from compliance.export import verify as outside
from compliance.rules.history import ENDS_AN_OFFER
from compliance.rules.records import FORMATS, KINDS, RENAMED_KINDS
from compliance.signatures import TEXTS
from compliance.words.kinds import ACCOUNT_EVENTS, APPLICANT_LABELS


def test_every_kind_has_its_writers() -> None:
    assert WRITERS["patient"].keys() == KINDS.keys()
    assert events.WRITERS.keys() | events.OWN_EVENTS == ACCOUNT_EVENTS.keys()
    assert certifying.STEPS.keys() <= WRITERS["prescriber"].keys() | WRITERS["pharmacy"].keys()
    assert APPLICANT_LABELS.keys() == PRACTICES_SIGN
    assert MAY_ENTER.keys() <= WRITERS["patient"].keys()


def test_verify_py_has_the_same_writers() -> None:
    for subject, kinds in WRITERS.items():
        renamed = {old: kinds[new] for old, (new, _read) in RENAMED_KINDS.items()}
        assert {kind: frozenset(roles) for kind, roles in outside.WRITERS[subject].items()} == {**kinds, **renamed}
    assert outside.AT_REGISTRATION == AT_REGISTRATION


def test_verify_py_has_the_same_signatures() -> None:
    assert {kind: day.isoformat() for kind, day in SIGNED_SINCE.items()} == outside.SIGNED_SINCE
    assert outside.SIGNED_KINDS == MUST_BE_SIGNED | PRACTICES_SIGN
    assert {pair: text for pair, text in outside.SIGNED_BY.items() if text} == TEXTS
    assert {role for kind, role in outside.SIGNED_BY if kind == "consent_signed"} == MAY_ENTER["consent_signed"]


def test_verify_py_has_the_same_formats_and_ends_of_offers() -> None:
    assert {kind: number for kind, number in FORMATS.items() if number > 1} == outside.NEWEST_FORMAT
    assert {kind.kind for kind in ENDS_AN_OFFER} == outside.ENDS_AN_OFFER
