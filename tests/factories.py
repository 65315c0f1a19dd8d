"""Factories of people: one of each role, with the rows that belong to it. Histories are made by the real commands."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts import registration_link
from accounts.mfa import VERIFIED_KEY
from accounts.models import TextNumber, User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from accounts.sessions import BEGAN, SEEN
from compliance import documents
from compliance.records.programs import DEFAULT
from config.sessions import SessionStore
from outbox.models import CapturedText
from patients.duplicates import name_key
from patients.models import Designee, Guardian, Invitation, Patient, Pharmacist, Pharmacy, Prescriber
from patients.numbers import new_number, npi_check_digit

PASSWORD = "a good long pass phrase"
AT = datetime(2026, 12, 1, 14, tzinfo=UTC)

_serial = count(1)


@contextmanager
def numbered_from(first: int) -> Iterator[None]:
    """Within it addresses and NPIs are numbered from there: none of them is one that is made outside."""
    global _serial
    before, _serial = _serial, count(first)
    try:
        yield
    finally:
        _serial = before


def npi() -> str:
    body = f"1{next(_serial):08d}"
    return body + npi_check_digit(body)


def lay(*rows: Model) -> None:
    """Insert new rows as `save` does, but all in one statement, whose text is written once for rows of these models.

    Nearly every test begins with some: Django takes longer to build such a statement than PostgreSQL to carry it out.
    """
    values = [{field.column: field.pre_save(row, add=True) for field in _columns(type(row))} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_insert(tuple(type(row) for row in rows)), [json.dumps(one, default=str) for one in values])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@cache
def _columns(model: type[Model]) -> list[Any]:
    """The fields of a model that are written: the others PostgreSQL works out."""
    return [field for field in model._meta.concrete_fields if not field.generated]


@cache
def _insert(models: tuple[type[Model], ...]) -> str:
    """A statement that inserts a row of each, given as JSON."""
    inserts = []
    for model in models:
        table, names = model._meta.db_table, ", ".join(field.column for field in _columns(model))
        row = f"SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s::jsonb)"
        inserts.append(f"INSERT INTO {table} ({names}) {row}")
    before = [f"laid_{place} AS ({insert})" for place, insert in enumerate(inserts[:-1])]
    return f"WITH {', '.join(before)} {inserts[-1]}" if before else inserts[-1]


def account(role: str, *, name: str = "Some One", password: str | None = None) -> User:
    made = unsaved_account(role, name=name, password=password)
    lay(made)
    return made


def unsaved_account(role: str, *, name: str = "Some One", password: str | None = None) -> User:
    key = make_password(password) if password else f"{UNUSABLE_PASSWORD_PREFIX}{uuid4().hex}"
    return User(email=_address(role), invited_email="", password=key, name=name, opened_as=role)


def _address(role: str) -> str:
    return f"{role}-{next(_serial)}@example.org"


def sign_in(client: Client, user: User) -> None:
    """Signed in, staff with their second factor as well: their session as `login` leaves it, written once.

    What else happens when somebody signs in (a line in the log, the row of the session) is tested on the pages.
    """
    at, key = int(time.time()), get_random_string(32, VALID_KEY_CHARS)
    session = {
        SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
        BACKEND_SESSION_KEY: "allauth.account.auth_backends.AuthenticationBackend",
        BEGAN: at, SEEN: at, VERIFIED_KEY: True,
    }  # fmt: skip
    expires = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    with connection.cursor() as cursor:
        cursor.execute(_SESSION, [key, SessionStore().encode(session), expires])
    client.cookies[settings.SESSION_COOKIE_NAME] = key


_SESSION = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, %s)"


def text_number(user: User, number: str) -> None:
    """A number that the owner of the account confirmed."""
    TextNumber.objects.update_or_create(user=user, defaults={"number": number, "confirmed_at": AT})


def code_in_newest_text() -> str:
    """The code of the text message that was captured last."""
    text: str = CapturedText.objects.latest("at").text
    return "".join(re.findall(r"[0-9]{6}", text)[:1])


def as_(user: User | None) -> Client:
    """A client of that person, or of nobody."""
    client = Client()
    if user is not None:
        sign_in(client, user)
    return client


def prescriber(*, state: str = "approved") -> Prescriber:
    made = _prescriber(unsaved_account(PRESCRIBER), state)
    lay(made.user, made)
    return made


def _prescriber(user: User, state: str) -> Prescriber:
    return Prescriber(user=user, practice_name="Practice", npi=npi(), state=state, program=DEFAULT.code)


def _pharmacist() -> Pharmacist:
    pharmacy = Pharmacy(name="Pharmacy", npi=npi(), state="approved", program=DEFAULT.code)
    return Pharmacist(user=unsaved_account(PHARMACIST), pharmacy=pharmacy)


def practice() -> tuple[list[Prescriber], list[Pharmacy]]:
    """Two prescribers, and two pharmacies with a pharmacist each: as made one by one, in one statement."""
    prescribers = [_prescriber(unsaved_account(PRESCRIBER), "approved") for _ in range(2)]
    pharmacists = [_pharmacist() for _ in range(2)]
    lay(
        *(row for one in prescribers for row in (one.user, one)),
        *(row for one in pharmacists for row in (one.user, one.pharmacy, one)),
    )
    return prescribers, [one.pharmacy for one in pharmacists]


def designee(of: Prescriber) -> Designee:
    made = Designee(user=unsaved_account(DESIGNEE), prescriber=of)
    lay(made.user, made)
    return made


def pharmacist() -> Pharmacist:
    made = _pharmacist()
    lay(made.user, made.pharmacy, made)
    return made


def officer() -> User:
    return account(OFFICER, name="Program Office")


def patient(
    of: Prescriber,
    *,
    given_name: str = "Ana",
    family_name: str = "Mora",
    born_on: date = date(2001, 4, 9),
    phone: str = "",
    email: str = "",
    user: User | None = None,
) -> Patient:
    made = Patient(
        program=DEFAULT.code,
        number=new_number(),
        given_name=given_name,
        family_name=family_name,
        name_key=name_key(given_name, family_name),
        born_on=born_on,
        phone=phone,
        email=email,
        prescriber=of,
        user=user,
        created_at=AT,
    )
    lay(made)
    return made


def guardian(of: Patient, *, user: User | None = None) -> Guardian:
    made = Guardian(patient=of, user=user or account(GUARDIAN), name="Guar Dian", email="")
    lay(made)
    return made


def invitation(to: Patient, *, guardian: Guardian | None = None) -> Invitation:
    return Invitation.objects.create(patient=to, guardian=guardian, sent_at=AT, expires_at=AT + timedelta(days=14))


def registration(what: str, email: str = "new@example.org") -> str:
    """The address of a registration, as it stands in the letter that went to that address."""
    return reverse(f"public:{what}_registration", args=[registration_link.make_token(email)])


def ticks(code: str, language: str = "en") -> dict[str, str]:
    """Every point of a text, ticked, as its form sends them; of a pharmacy's also the training's right answers."""
    if code == "monthly-prescriber":
        return {"item_all": "on"}  # Its points are read as one text, with one tick.
    ticked = {f"item_{item.id}": "on" for item in documents.load(code, 1, language).items}
    return ticked | TRAINED if code == "pharmacy-attestation" else ticked


#: The right answer to each question of the yearly training.
TRAINED = {question.id: str(question.right) for question in documents.questions(version=1, bank="pharmacy-questions")}


@dataclass(frozen=True, slots=True)
class EachRole:
    """Two practices that do not know one another. Everybody named without `other` belongs to the first."""

    prescriber: Prescriber
    designee: Designee
    pharmacist: Pharmacist
    officer: User
    patient: Patient
    minor: Patient
    guardian: Guardian
    other_prescriber: Prescriber
    other_patient: Patient

    def accounts(self) -> dict[str, User]:
        """An account of each role."""
        assert self.patient.user is not None
        assert self.guardian.user is not None
        return {
            PRESCRIBER: self.prescriber.user,
            DESIGNEE: self.designee.user,
            PATIENT: self.patient.user,
            GUARDIAN: self.guardian.user,
            PHARMACIST: self.pharmacist.user,
            OFFICER: self.officer,
        }


def each_role() -> EachRole:
    first, second = prescriber(), prescriber()
    minor = patient(first, given_name="Mina", born_on=date(2012, 2, 3), user=account(PATIENT))
    return EachRole(
        prescriber=first,
        designee=designee(first),
        pharmacist=pharmacist(),
        officer=officer(),
        patient=patient(first, user=account(PATIENT)),
        minor=minor,
        guardian=guardian(minor),
        other_prescriber=second,
        other_patient=patient(second, given_name="Olga", born_on=date(1990, 1, 30), user=account(PATIENT)),
    )
