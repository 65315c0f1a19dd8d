"""Factories of people: one of each role, with the rows that belong to it. Histories are made by the real commands."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.db import connection
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


def account(role: str, *, name: str = "Some One", password: str | None = None) -> User:
    return User.objects.create_user(email=_address(role), password=password, name=name, role=role)


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
    made = _prescriber(account(PRESCRIBER), state)
    made.save(force_insert=True)
    return made


def _prescriber(user: User, state: str) -> Prescriber:
    return Prescriber(user=user, practice_name="Practice", npi=npi(), state=state, program=DEFAULT.code)


def practice() -> tuple[list[Prescriber], list[Pharmacy]]:
    """Two prescribers, and two pharmacies with a pharmacist each: as made one by one, in four statements."""
    roles = (PRESCRIBER, PRESCRIBER, PHARMACIST, PHARMACIST)
    users = [
        User(email=_address(role), password=make_password(None), name="Some One", opened_as=role) for role in roles
    ]
    prescribers = [_prescriber(user, "approved") for user in users[:2]]
    pharmacies = [Pharmacy(name="Pharmacy", npi=npi(), state="approved", program=DEFAULT.code) for _ in users[2:]]
    User.objects.bulk_create(users)
    Prescriber.objects.bulk_create(prescribers)
    Pharmacy.objects.bulk_create(pharmacies)
    Pharmacist.objects.bulk_create(
        [Pharmacist(user=user, pharmacy=pharmacy) for user, pharmacy in zip(users[2:], pharmacies, strict=True)]
    )
    return prescribers, pharmacies


def designee(of: Prescriber) -> Designee:
    return Designee.objects.create(user=account(DESIGNEE), prescriber=of)


def pharmacist() -> Pharmacist:
    pharmacy = Pharmacy.objects.create(name="Pharmacy", npi=npi(), state="approved", program=DEFAULT.code)
    return Pharmacist.objects.create(user=account(PHARMACIST), pharmacy=pharmacy)


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
    return Patient.objects.create(
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


def guardian(of: Patient, *, user: User | None = None) -> Guardian:
    return Guardian.objects.create(patient=of, user=user or account(GUARDIAN), name="Guar Dian", email="")


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
