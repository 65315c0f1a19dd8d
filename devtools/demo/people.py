"""The people of the demo: an officer, practices, pharmacies, a designee."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from accounts.models import User
from accounts.roles import OFFICER, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.commands import certifying, people, places, registering
from compliance.commands.registering import Applicant
from compliance.signatures import Signature, make_signature
from ledger.actor import Actor
from patients.models import Pharmacy, Prescriber
from patients.numbers import npi_is_valid
from patients.people import actor_of

#: One password for everybody in the demo.
PASSWORD = "apricot lantern 42"  # noqa: S105  the demo's, printed at its start

PRACTICES = (
    ("Dr. Ada Okafor", "okafor", "Harbor Dermatology", True),
    ("Dr. Ben Lindqvist", "lindqvist", "Elm Street Skin Clinic", True),
    ("Dr. Carla Mendes", "mendes", "Prairie Dermatology Group", True),
    ("Dr. Dan Whitfield", "whitfield", "Lakeside Practice", False),
)
PHARMACIES = (
    ("Eve Tanaka", "tanaka", "Corner Pharmacy", True),
    ("Farid Rahimi", "rahimi", "Main Street Drugs", True),
    ("Gwen Osei", "osei", "Riverbend Pharmacy", False),
)


def key(*parts: object) -> UUID:
    """A key that is the same each time, so that what was seeded once is not seeded twice."""
    return uuid5(NAMESPACE_URL, "clearfill-demo:" + ":".join(str(part) for part in parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """The demo's professionals."""

    officer: Actor
    prescribers: list[Prescriber]
    pharmacies: list[tuple[Pharmacy, Actor]]


def _npi(place: int) -> str:
    """An NPI with a right check digit."""
    body = f"1{place:08d}"
    return next(body + str(digit) for digit in range(10) if npi_is_valid(body + str(digit)))


def _applicant(name: str, login: str, place: str, number: int) -> Applicant:
    return Applicant(
        name=name, email=f"{login}@demo.invalid", password=PASSWORD, place=place, npi=_npi(number),
        phone="+12125550100", address="1 Demo Street",
    )  # fmt: skip


def staff(at: datetime) -> Staff:
    """Make them all; those that are approved, by the officer."""
    officer = User.objects.create_user(
        email="officer@demo.invalid", password=PASSWORD, name="Olivia Brandt", role=OFFICER
    )
    office = actor_of(officer)
    prescribers = [_prescriber(place, row, office, at) for place, row in enumerate(PRACTICES)]
    pharmacies = [_pharmacy(place, row, office, at) for place, row in enumerate(PHARMACIES)]
    designee = people.add_designee(
        prescriber=prescribers[0], name="Hana Kim", email="kim@demo.invalid",
        by=actor_of(prescribers[0].user), at=at, key=key("designee", "kim"),
    )  # fmt: skip
    designee.user.take_address()
    designee.user.set_password(PASSWORD)
    designee.user.save()
    return Staff(officer=office, prescribers=prescribers, pharmacies=pharmacies)


def _application(who: Applicant, role: str, identifier: UUID, at: datetime) -> Signature:
    code = "prescriber-attestation" if role == PRESCRIBER else "pharmacy-attestation"
    document = documents.current(code, on=at.date())
    return make_signature(
        document, who.name, certifying.APPLICATION, subject=who.id, by=who.actor(role), key=identifier
    )


def _prescriber(place: int, row: tuple[str, str, str, bool], office: Actor, at: datetime) -> Prescriber:
    name, login, practice, approved = row
    who, identifier = _applicant(name, login, practice, place + 1), key("practice", login)
    signature = _application(who, PRESCRIBER, identifier, at)
    user = registering.practice(who=who, signature=signature, at=at, key=identifier)
    if approved:
        certifying.approve(kind="prescriber", subject=user.prescriber.pk, by=office, at=at, key=key("approve", login))
        places.correct_place(
            kind="prescriber", subject=user.prescriber.pk, contact={"hours": "Monday to Friday, 9 to 5"},
            reason="Patients ask", by=office, at=at, key=key("hours", login),
        )  # fmt: skip
        user.prescriber.refresh_from_db()
    return user.prescriber


def _pharmacy(place: int, row: tuple[str, str, str, bool], office: Actor, at: datetime) -> tuple[Pharmacy, Actor]:
    name, login, pharmacy, approved = row
    who, identifier = _applicant(name, login, pharmacy, place + 101), key("pharmacy", login)
    signature = _application(who, PHARMACIST, identifier, at)
    user = registering.pharmacy(who=who, signature=signature, at=at, key=identifier)
    registered = user.pharmacists.get().pharmacy
    if approved:
        certifying.approve(kind="pharmacy", subject=registered.pk, by=office, at=at, key=key("approve", login))
    return registered, actor_of(user)
