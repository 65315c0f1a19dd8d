"""The office sees which hand-overs were entered late; the rows that say so are rebuilt from the log, and migrated."""

import re
from datetime import date, datetime, timedelta
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client

from accounts.models import User
from accounts.roles import OFFICER, ROLES
from compliance.models import Authorization
from compliance.records.rebuild import differences
from ledger import log
from tests import factories
from tests.clocks import Clock
from tests.databases import owner_connection
from tests.histories import NOW, ClinicFactory
from tests.security.reading import next_page
from tests.web.cases import case
from web.shared import lists

PATH = "/office/late/"


def handed_over(clinic: ClinicFactory, *, on: int, entered: int, counter: int = 0) -> str:
    """A hand-over on that day of December, entered on that one, on a yes of the 15th; the authorization's number."""
    patient = clinic.ready()
    number = clinic.authorize(patient, counter).number
    assert number is not None
    assert clinic.dispense(patient, number, counter, NOW + timedelta(days=entered - 15), date(2026, 12, on)) is None
    return number


def page(user: User, path: str = PATH) -> str:
    client = Client()
    factories.sign_in(client, user)
    return str(client.get(path).content.decode())


def rows(shown: str) -> list[list[str]]:
    """The cells of each line of the list."""
    body = shown[shown.index("<tbody>") : shown.index("</tbody>")]
    lines = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", one, re.S)] for one in lines
    ]


@pytest.fixture
def clinic(db: None, clock: Clock) -> ClinicFactory:
    clock.set("2026-12-24T11:00-05:00")
    return ClinicFactory()


def test_what_was_entered_late_is_listed_with_pharmacy_and_both_days(clinic: ClinicFactory) -> None:
    """The newest entry first; what was entered on its day is not there, nor what was never handed over."""
    for pharmacy, name in zip(clinic.pharmacies, ("Corner", "Harbor"), strict=True):
        pharmacy.name = name
        pharmacy.save()
    clinic.authorize(clinic.ready())
    handed_over(clinic, on=16, entered=16)
    late = handed_over(clinic, on=16, entered=17)
    expired = handed_over(clinic, on=19, entered=23, counter=1)
    assert rows(page(factories.officer())) == [
        [expired, "Harbor", "Sat, Dec 19, 2026", "Sat, Dec 19, 2026", "Wed, Dec 23, 2026"],
        [late, "Corner", "Sat, Dec 19, 2026", "Wed, Dec 16, 2026", "Thu, Dec 17, 2026"],
    ]


def figure(user: User) -> int:
    """How many the overview counts, in thirty days."""
    found = re.search(r"Hand-overs entered late, in 30 days</a></dt><dd>(\d+)</dd>", page(user, "/office/"))
    assert found is not None
    return int(found[1])


def test_the_overview_counts_those_of_thirty_days(clinic: ClinicFactory, clock: Clock) -> None:
    officer = factories.officer()
    assert figure(officer) == 0
    assert "Nothing was entered late" in page(officer)
    handed_over(clinic, on=16, entered=16)
    handed_over(clinic, on=16, entered=17)
    handed_over(clinic, on=16, entered=20)
    assert figure(officer) == 2
    assert f'href="{PATH}"' in page(officer, "/office/")
    for day, count in (("2027-01-15", 2), ("2027-01-16", 1), ("2027-01-19", 0)):
        clock.set(f"{day}T12:00-05:00")
        assert figure(officer) == count, day
    assert len(rows(page(officer))) == 2


def test_nobody_else_sees_them(clinic: ClinicFactory) -> None:
    for role in sorted({*ROLES} - {OFFICER}):
        with case(role):
            number = handed_over(clinic, on=16, entered=17)
            reader = {
                "prescriber": clinic.prescriber.user, "pharmacist": clinic.pharmacies[0].pharmacists.get().user,
                "patient": Authorization.objects.get().patient.user,
                "designee": factories.designee(clinic.prescriber).user,
            }.get(role) or factories.account(role)  # fmt: skip
            client = Client()
            factories.sign_in(client, reader)
            answer = client.get(PATH)
            assert answer.status_code == 403
            assert number not in answer.content.decode()
            assert client.post(PATH).status_code in (403, 405)


def test_a_long_list_has_pages(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_LENGTH", 2)
    numbers = [handed_over(clinic, on=16, entered=day) for day in (17, 18, 19)]
    officer = factories.officer()
    first = page(officer)
    assert [row[0] for row in rows(first)] == numbers[:0:-1]
    assert [row[0] for row in rows(page(officer, PATH + next_page(first)))] == numbers[:1]


# --- worked out from the log ----------------------------------------------------------------------
TAMPERED: dict[str, dict[str, Any]] = {
    "the day of the hand-over": {"handed_over_on": date(2026, 12, 15)},
    "the day of the entry": {"entered_on": date(2026, 12, 18)},
    "entered in time": {"entered_on": date(2026, 12, 16)},
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_day_that_was_changed_is_found_and_put_right(clinic: ClinicFactory, name: str) -> None:
    number = handed_over(clinic, on=16, entered=17)
    row = Authorization.objects.filter(number=number)
    patient, right = row.get().patient_id, row.values().get()
    assert list(differences()) == []
    row.update(**TAMPERED[name])
    (column,) = TAMPERED[name]
    assert list(differences()) == [(patient, f"authorization.{column}")]
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("rebuild_status", check=True, stdout=StringIO(), stderr=output)
    assert output.getvalue() == f"patient {patient}: authorization.{column}\n"
    call_command("rebuild_status", stdout=StringIO())
    assert row.values().get() == right
    assert list(differences()) == []


IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "handed over before the yes": {"handed_over_on": date(2026, 12, 14)},
    "entered before it was handed over": {"entered_on": date(2026, 12, 15)},
    "handed over, and not dispensed": {"state": "open"},
    "entered, and never handed over": {"handed_over_on": None},
    "handed over, and never entered": {"entered_on": None},
    "dispensed on no day": {"handed_over_on": None, "entered_on": None},
}


def test_the_table_takes_no_days_that_cannot_be(clinic: ClinicFactory) -> None:
    for name in IMPOSSIBLE:
        with case(name):
            number = handed_over(clinic, on=16, entered=17)
            with pytest.raises(IntegrityError, match="authorization_handed_over_once_dispensed"):
                Authorization.objects.filter(number=number).update(**IMPOSSIBLE[name])


# --- a database of the release before ---------------------------------------------------------------
def test_the_migration_fills_the_days_of_old_hand_overs(committed: str) -> None:
    """Every hand-over of the release before was entered on its day, in New York; its record names none."""
    clinic = ClinicFactory()
    number = handed_over(clinic, on=16, entered=16)
    late_at_night = datetime.fromisoformat("2026-12-17T23:30-05:00")
    patient = clinic.ready()
    other = clinic.authorize(patient).number
    assert other is not None
    assert clinic.dispense(patient, other, at=late_at_night) is None
    still_open, given_back = clinic.ready(), clinic.ready()
    clinic.authorize(still_open)
    clinic.reverse(given_back, clinic.authorize(given_back).number or "")
    with owner_connection(committed) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE ledger_record SET format = 1, data = data - 'handed_over_on' WHERE kind = 'dispensed'")
        name = "authorization_handed_over_once_dispensed"
        (held,) = owner.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        ).fetchone() or ("",)
        owner.execute(f"ALTER TABLE compliance_authorization DROP CONSTRAINT {name}")
        owner.execute("UPDATE compliance_authorization SET handed_over_on = NULL, entered_on = NULL")
        assert "handed_over_on" not in log.read(patient.pk)[-1].data
        owner.execute(import_module("compliance.migrations.0003_entered_late").FILL)
        owner.execute(f"ALTER TABLE compliance_authorization ADD CONSTRAINT {name} {held}")
    rows = Authorization.objects.values_list("number", "state", "handed_over_on", "entered_on")
    filled = {number: days for number, state, *days in rows if state == "dispensed"}
    assert filled == {number: [date(2026, 12, 16)] * 2, other: [date(2026, 12, 17)] * 2}
    assert all(days == [None, None] for _number, state, *days in rows if state != "dispensed")
    assert list(differences()) == []
