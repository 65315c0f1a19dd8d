"""Duplicates: a table of who is likely the same person and who is not."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.duplicates import MOST, RULES, Identity, likely_matches, matches_of, mistyped, phone_key, swapped
from patients.likeness import names_alike
from patients.models import Patient
from patients.names import LONGEST, name_key
from tests import factories
from tests.plans import plan


@dataclass(frozen=True, slots=True)
class Typed:
    """What is entered of one who may be Ana Mora."""

    given_name: str = "Ana"
    family_name: str = "Mora"
    born_on: date = date(2001, 4, 9)
    phone: str = "+12125550100"
    email: str = "ana@example.org"


ANA = Typed()
NOTHING_ALIKE = Typed("Bo", "Lind", date(1999, 9, 30), "+16465550199", "bo@example.org")
LIKELY = {
    "everything alike": ANA,
    "name and birth date": replace(ANA, phone="", email=""),
    "name and birth date, typed by somebody in a hurry": replace(ANA, given_name="ANA ", family_name=" mora"),
    "the names in each other's field": replace(ANA, given_name="Mora", family_name="Ana", phone="", email=""),
    "birth date and phone, married since": replace(NOTHING_ALIKE, born_on=ANA.born_on, phone=ANA.phone),
    "birth date and phone in another hand": replace(NOTHING_ALIKE, born_on=ANA.born_on, phone="(212) 555-0100"),
    "birth date and e-mail": replace(NOTHING_ALIKE, born_on=ANA.born_on, email=ANA.email),
    "e-mail in capitals": replace(NOTHING_ALIKE, born_on=ANA.born_on, email="Ana@Example.ORG "),
    "name and phone, birth date mistyped": replace(ANA, born_on=date(2010, 4, 9), email=""),
    "name and e-mail, birth date mistyped": replace(ANA, born_on=date(2010, 4, 9), phone=""),
    "name, one digit of the year wrong": replace(ANA, born_on=date(2007, 4, 9), phone="", email=""),
    "name, one digit of the day wrong": replace(ANA, born_on=date(2001, 4, 29), phone="", email=""),
    "name, two digits of the year exchanged": replace(ANA, born_on=date(2010, 4, 9), phone="", email=""),
    "name, day and month exchanged": replace(ANA, born_on=date(2001, 9, 4), phone="", email=""),
    "phone and e-mail, day and month exchanged": replace(ANA, given_name="Anita", born_on=date(2001, 9, 4)),
}
UNLIKELY = {
    "nothing alike": NOTHING_ALIKE,
    "nothing but the birth date": replace(NOTHING_ALIKE, born_on=ANA.born_on),
    "nothing but the name": replace(ANA, born_on=NOTHING_ALIKE.born_on, phone="", email=""),
    "nothing but the phone, a brother": replace(NOTHING_ALIKE, phone=ANA.phone),
    "a household: phone and e-mail": replace(NOTHING_ALIKE, phone=ANA.phone, email=ANA.email),
    "a birth date one day off": replace(ANA, born_on=date(2001, 4, 10), phone="", email=""),
    "day and month exchanged, and a phone": replace(NOTHING_ALIKE, born_on=date(2001, 9, 4), phone=ANA.phone),
}


def found(typed: Typed) -> list[object]:
    return list(likely_matches(typed.given_name, typed.family_name, typed.born_on, typed.phone, typed.email))


@pytest.fixture
def ana(db: None) -> Patient:
    return factories.patient(factories.prescriber(), phone=ANA.phone, email=ANA.email)


@pytest.mark.parametrize("typed", LIKELY.values(), ids=LIKELY)
def test_likely_the_same_person(ana: Patient, typed: Typed) -> None:
    assert found(typed) == [ana.id]


@pytest.mark.parametrize("typed", UNLIKELY.values(), ids=UNLIKELY)
def test_hardly_the_same_person(ana: Patient, typed: Typed) -> None:
    assert found(typed) == []


def test_what_both_left_empty_is_not_alike(db: None) -> None:
    factories.patient(factories.prescriber())
    assert found(replace(NOTHING_ALIKE, born_on=ANA.born_on, phone="", email="")) == []


def test_every_practice_is_searched_in_one_query(ana: Patient) -> None:
    others = [factories.patient(factories.prescriber(), given_name="Ána", family_name="MORA") for _ in range(30)]
    with CaptureQueriesContext(connection) as queries:
        matches = found(ANA)
    assert len(queries) == 1
    assert len(matches) == MOST
    assert set(matches) <= {ana.id, *(other.id for other in others)}
    assert matches == sorted(matches, key=str)


def test_every_rule_asks_for_more_than_one_sign() -> None:
    assert all(len(rule) >= 2 for rule in RULES)


def test_a_search_uses_the_indexes(ana: Patient) -> None:
    with CaptureQueriesContext(connection) as queries:
        found(ANA)
    how = plan(queries[0]["sql"])
    assert "Seq Scan" not in how
    assert how.count("Index Scan") >= 4


SAME_NAME = {
    "accents": (("José", "Núñez"), ("Jose", "Nunez")),
    "accents of another composition": (("Jose\u0301", "Mora"), ("José", "Mora")),
    "capitals": (("MARY", "SMITH"), ("Mary", "Smith")),
    "an apostrophe": (("Sean", "O'Neil"), ("Sean", "O’NEIL")),
    "an apostrophe left out": (("Sean", "O'Neil"), ("Sean", "Oneil")),
    "a hyphen": (("Kim", "Lloyd-Jones"), ("Kim", "Lloyd Jones")),
    "particles": (("Ana", "de la Cruz"), ("Ana", "Cruz")),
    "a particle in the other order": (("Jan", "van der Berg"), ("Jan", "Berg, van der")),
    "a suffix": (("John", "Smith Jr."), ("John", "Smith")),
    "an initial": (("Mary A.", "Smith"), ("Mary", "Smith")),
    "spelt-out umlauts": (("Jürgen", "Müller"), ("Juergen", "Mueller")),
    "letters that do not come apart": (("Søren", "Łukasz"), ("Soren", "Lukasz")),
    "exchanged fields": (("Li", "Wei"), ("Wei", "Li")),
}
ALIKE = {
    "one family name within the other": (("Ana", "Mora"), ("Ana", "Mora Lopez")),
    "within, by a hyphen": (("Ana", "Smith"), ("Ana", "Jones-Smith")),
    "within, and another given name": (("Ana", "Mora"), ("Maya", "Mora-Lopez")),
    "within, in one word": (("Kim", "Jones"), ("Kim", "Lloydjones")),
    "both in another order": (("Ana", "Mora Lopez"), ("Ana", "Lopez Mora")),
    "spaces": (("Mary Ann", "De La Cruz"), ("Maryann", "Delacruz")),
    "a particle in one word": (("Amy", "Le Blanc"), ("Amy", "Leblanc")),
    "a hyphen left out": (("Anne-Marie", "Smith-Jones"), ("Annemarie", "Smithjones")),
    "a middle name": (("Mary Jane", "Watson"), ("Jane", "Watson")),
    "an initial alone": (("A.", "Mora"), ("Ana", "Mora")),
    "Saint": (("Ann", "St. John"), ("Ann", "Saint John")),
    "Saint in one word": (("Ann", "St John"), ("Ann", "Saintjohn")),
    "Mac": (("Ian", "McDonald"), ("Ian", "MacDonald")),
    "Mac by itself": (("Ian", "Mc Donald"), ("Ian", "Macdonald")),
    "an apostrophe or none": (("Pat", "O'Brien"), ("Pat", "O Brien")),
    "a nickname": (("Liz", "Mora"), ("Elizabeth", "Mora")),
    "two nicknames of one name": (("Liz", "Mora"), ("Betty", "Mora")),
    "a nickname of several names": (("Alex", "Mora"), ("Alexandra", "Mora")),
    "a nickname and a longer family name": (("Bob", "Mora"), ("Robert", "Mora-Lopez")),
    "ß": (("Eva", "Strauß"), ("Eva", "Strauss")),
    "ø": (("Eva", "Sørensen"), ("Eva", "Sorensen")),
    "ø spelt out": (("Eva", "Sørensen"), ("Eva", "Soerensen")),
    "ü spelt out": (("Jörg", "Müller"), ("Joerg", "Mueller")),
    "å spelt out": (("Eva", "Ågren"), ("Eva", "Aagren")),
    "diacritics": (("Zoë", "Nuñez-Çelik"), ("Zoe", "Nunez Celik")),
    "another alphabet": (("Anna", "Иванова"), ("Anna", "Ivanova")),
    "a letter mistyped": (("Katherine", "Johnson"), ("Katherine", "Jonson")),
    "letters alike": (("Catharine", "Schneider"), ("Katharine", "Schneyder")),
    "each other's field, with a nickname": (("Mora", "Liz"), ("Elizabeth", "Mora")),
}
NOT_ALIKE = {
    "twins": (("Ana", "Mora"), ("Eva", "Mora")),
    "a short name inside another word": (("Amy", "Lee"), ("Amira", "Ashlee")),
    "one given name": (("Maria", "Santos"), ("Maria", "Klein")),
    "one of two family names": (("Ana", "Mora Diaz"), ("Eva", "Mora Cruz")),
    "nothing": (("Ana", "Mora"), ("Bo", "Lind")),
}
OTHER_NAME = {
    "twins": (("Ana", "Mora"), ("Eva", "Mora")),
    "a particle that is the whole name": (("Ana", "Le"), ("Ana", "Van")),
    "a particle that is a given name": (("Van", "Nguyen"), ("Le", "Nguyen")),
    "names in other scripts": (("伟", "李"), ("娜", "李")),
}


@pytest.mark.parametrize(("one", "other"), SAME_NAME.values(), ids=SAME_NAME)
def test_the_same_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert name_key(*one) == name_key(*other) != ""


@pytest.mark.parametrize(("one", "other"), OTHER_NAME.values(), ids=OTHER_NAME)
def test_another_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert name_key(*one) != name_key(*other)


def test_a_name_that_unfolds_still_fits_its_column() -> None:
    assert len(name_key("ﷺ" * 60, "ß" * 60)) <= LONGEST


@pytest.mark.django_db
@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_names_alike_are_found_by_the_birth_date(one: tuple[str, str], other: tuple[str, str]) -> None:
    for enrolled, typed in ((one, other), (other, one)):
        row = factories.patient(factories.prescriber(), given_name=enrolled[0], family_name=enrolled[1])
        assert row.pk in found(Typed(*typed, phone="", email=""))
        assert row.pk not in found(Typed(*typed, born_on=date(1999, 12, 30), phone="", email=""))


@pytest.mark.django_db
@pytest.mark.parametrize(("one", "other"), NOT_ALIKE.values(), ids=NOT_ALIKE)
def test_other_names_are_not_found_by_the_birth_date(one: tuple[str, str], other: tuple[str, str]) -> None:
    for enrolled, typed in ((one, other), (other, one)):
        row = factories.patient(factories.prescriber(), given_name=enrolled[0], family_name=enrolled[1])
        assert row.pk not in found(Typed(*typed, phone="", email=""))


def test_the_search_leaves_out_a_file_and_those_that_are_linked_with_it(ana: Patient) -> None:
    linked, other = (factories.patient(factories.prescriber()) for _ in range(2))
    Patient.objects.filter(pk__in=[ana.pk, linked.pk]).update(linked_to=ana)
    me = Identity("Ana", "Mora", date(2001, 4, 9))
    assert matches_of(me, besides=ana.pk) == [other.pk]
    assert set(matches_of(me, besides=other.pk)) == {ana.pk, linked.pk}


MISTYPED = {
    "one digit": (date(2001, 4, 9), date(2001, 4, 19), True),
    "the decade": (date(2001, 4, 9), date(1991, 4, 9), False),
    "two neighbouring digits exchanged": (date(2001, 4, 2), date(2010, 4, 2), True),
    "day and month exchanged": (date(2001, 4, 9), date(2001, 9, 4), True),
    "the same": (date(2001, 4, 9), date(2001, 4, 9), False),
    "a leap day": (date(2004, 2, 29), date(2004, 2, 20), True),
    "another day": (date(2001, 4, 9), date(2001, 4, 10), False),
}


@pytest.mark.parametrize(("one", "other", "expected"), MISTYPED.values(), ids=MISTYPED)
def test_mistyped_birth_dates(one: date, other: date, expected: bool) -> None:
    assert (other in mistyped(one)) is expected
    assert (one in mistyped(other)) is expected


PHONES = ["+12125550100", "(212) 555-0100", "1-212-555-0100", "212.555.0100", "", "x", "555 0100"]


@pytest.mark.django_db
@pytest.mark.parametrize("phone", PHONES)
def test_the_database_folds_a_number_as_we_do(phone: str) -> None:
    row = factories.patient(factories.prescriber(), phone=phone)
    row.refresh_from_db()
    assert row.phone_key == phone_key(phone)


SWAPPED = {
    "a date that is another": (date(2001, 4, 9), date(2001, 9, 4)),
    "a date that is the same": (date(2001, 4, 4), None),
    "a date that is none": (date(2001, 4, 13), None),
}


@pytest.mark.parametrize(("born_on", "other"), SWAPPED.values(), ids=SWAPPED)
def test_day_and_month_exchanged(born_on: date, other: date | None) -> None:
    assert swapped(born_on) == other


@pytest.mark.parametrize(("one", "other", "alike"), [
    (("", "Sukarno"), ("Sukarno", ""), True),
    (("", "Sukarno"), ("", "Sukarno"), True),
    (("", "Sukarno"), ("Ahmed", "Sukarno"), True),
    (("", "Sukarno"), ("", "Suharto"), False),
])  # fmt: skip
def test_one_legal_name_alone_is_found_in_either_field(
    one: tuple[str, str], other: tuple[str, str], alike: bool
) -> None:
    assert names_alike(one, other) is alike
