"""Two practices and two pharmacies with all that an address can name."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts import calendar_feeds, registration_link, set_password_link
from accounts.address_change import make_token as make_address_token
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER
from compliance.commands import (
    certifying,
    delegation,
    enrolment,
    erasure,
    gate,
    invitations,
    linking,
    noncompliance,
    what_if,
)
from compliance.commands.enrolment import NewPatient
from compliance.commands.invitations import Acceptance
from compliance.models import Authorization, ComplianceSignal, PregnancyCase, Proposal, SignedPdf
from compliance.rules.records import PregnancyReported, TransferOffered
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from notifications import unsubscribe
from notifications.preferences import Box
from patients.invitations import make_token
from patients.models import (
    Delegate,
    Designee,
    Guardian,
    HeldEnrolment,
    Invitation,
    Patient,
    Pharmacist,
    Pharmacy,
    Prescriber,
)
from patients.people import actor_of
from tests import factories, linked
from tests.databases import Snapshot
from tests.histories import ClinicFactory
from web.calendar.files import dates_of

#: Who reads: the owner's side first, then colleagues, then strangers of the same role.
READERS = (
    "nobody",
    "prescriber", "delegate", "other prescriber", "designee", "other designee",
    "patient", "fellow patient", "other patient", "guardian", "other guardian",
    "pharmacist", "colleague at the counter", "other pharmacist", "officer", "second officer",
    # Whose practice and pharmacy the program office has not approved.
    "applicant", "applicant at the counter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """What people and places are called; `mark` is put into each, so that a page can be searched for it."""

    mark: str = ""

    def of(self, plain: str, longest: int = 60) -> str:
        return (plain + self.mark)[:longest]


class SiteFixture:
    """Everything once, on our side; and its owner's colleagues and strangers."""

    def __init__(self, names: Names | None = None) -> None:
        self.names = names or Names()
        self.clinic = ClinicFactory()
        self.at = self.clinic.now
        self.readers: dict[str, User] = {}
        self._staff()
        self._patients()
        self._minor()
        self._case()
        self._covering()
        self._linked()
        self._waiting()
        self._noncompliance()
        self._signed_pdfs()
        self._rename()
        self._passwords()
        fellow = self.readers["fellow patient"]
        self.passkey = Authenticator.objects.create(user=fellow, type="webauthn", data={"name": "Mine"})
        reader = self.readers["patient"]
        user = User.objects.get(pk=reader.pk)
        (place,) = user.places
        self.calendar_token = calendar_feeds.make(
            user=user, place=place, by=actor_of(user), at=self.at, key=uuid4()
        )  # fmt: skip
        self.session = UserSession.objects.create(user=reader, ip="192.0.2.1", session_key="elsewhere")

    # --- people ------------------------------------------------------------------------------
    def _staff(self) -> None:
        clinic = self.clinic
        self.prescriber: Prescriber = clinic.prescriber
        self.pharmacy: Pharmacy = clinic.pharmacies[0]
        colleague = factories.account("pharmacist")
        Pharmacist.objects.create(user=colleague, pharmacy=self.pharmacy)
        self.readers |= {
            "prescriber": clinic.prescriber.user,
            "other prescriber": clinic.other.user,
            "delegate": factories.prescriber().user,
            "designee": factories.designee(clinic.prescriber).user,
            "other designee": factories.designee(clinic.other).user,
            "pharmacist": self._counter(0),
            "colleague at the counter": colleague,
            "other pharmacist": self._counter(1),
            "officer": factories.officer(),
            "second officer": factories.officer(),
        }

    def _covering(self) -> None:
        """A prescriber who covers; and a patient who is offered to the other practice."""
        by, covers = self.actor("prescriber"), self.readers["delegate"].prescriber
        delegation.add_delegate(prescriber=self.prescriber, delegate=covers, by=by, at=self.at, key=uuid4())
        self.delegation = Delegate.objects.get()
        self.offered = self.clinic.ready()
        assert self.clinic.enter(self.offered, TransferOffered(str(self.clinic.other.pk)))

    def _linked(self) -> None:
        """A file that the office links with another; and a link that waits for the second officer."""
        self.twin, one = self.clinic.ready(), self.clinic.ready()
        by = [self.actor("officer"), self.actor("second officer")]
        linked.link(one.pk, self.twin.pk, by=by, at=self.at, reason=self.names.of("twice"))
        files = (self.clinic.ready().pk, self.twin.pk)
        reason = self.names.of("thrice")
        assert not linking.link(files=files, reason=reason, by=by[0], at=self.at, key=uuid4())
        self.proposal = Proposal.objects.get(ended_at=None)

    def _counter(self, place: int) -> User:
        first = self.clinic.pharmacies[place].pharmacists.order_by("user__created_at").first()
        assert first is not None
        return first.user

    def actor(self, reader: str) -> Actor:
        return actor_of(self.readers[reader])

    def _patients(self) -> None:
        self.patient: Patient = self.clinic.ready()
        fellow = self.clinic.ready()
        other = factories.patient(self.clinic.other, user=factories.account("patient"))
        for name, row in (("patient", self.patient), ("fellow patient", fellow), ("other patient", other)):
            assert row.user is not None
            self.readers[name] = row.user
        self.yes_key = self._asked(self.patient, 30)
        self.authorization = Authorization.objects.get(patient=self.patient)
        self.answer_key = self._asked(fellow, 31)

    def _asked(self, patient: Patient, days_supply: int) -> UUID:
        """The key of a question that the pharmacist asked: for more than 30 days the answer is a no."""
        by, key = self.actor("pharmacist"), uuid4()
        gate.authorize_patient(
            patient=patient.pk, pharmacy=self.pharmacy.pk, days_supply=days_supply, by=by, at=self.at, key=key
        )
        return key

    def _minor(self) -> None:
        """A minor whose guardian has an account, and another whose invitations are open."""
        self.minor = self._enrolled(1, accept=True)
        self.invited = self._enrolled(2, accept=False)
        (self.guardian,) = Guardian.objects.filter(patient=self.minor)
        assert self.guardian.user is not None
        self.readers["guardian"] = self.guardian.user
        (self.invited_guardian,) = Guardian.objects.filter(patient=self.invited)
        self.readers["other guardian"] = factories.account("guardian")
        olga = factories.patient(self.clinic.other, given_name="Olga", born_on=date(2011, 5, 6))
        factories.guardian(olga, user=self.readers["other guardian"])
        opened = {i.guardian_id: make_token(i.pk) for i in Invitation.objects.filter(patient=self.invited)}
        self.registration = registration_link.make_token("new@example.org")
        self.own_invitation, self.guardian_invitation = opened[None], opened[self.invited_guardian.pk]

    def _case(self) -> None:
        """A pregnancy that the office follows up."""
        self.expecting = self.clinic.ready()
        assert self.clinic.enter(self.expecting, PregnancyReported())
        self.case = PregnancyCase.objects.get().record
        by = self.actor("officer")
        self.what_if = what_if.ask(edition="2026", sample=100, by=by, at=self.at, key=uuid4())

    @property
    def occasion(self) -> UUID:
        """A date of the patient's."""
        return dates_of(User.objects.get(pk=self.readers["patient"].pk), self.at)[self.patient.pk][0].uid

    @property
    def new_address(self) -> str:
        """What stands in the link to another address of the patient's account."""
        return make_address_token(User.objects.get(pk=self.readers["patient"].pk), "another@example.org")

    @property
    def unsubscribe_token(self) -> str:
        """What stands in the link below an optional message to the patient."""
        link = unsubscribe.link(self.readers["patient"].pk, Box("patient", "supply-ending", "email"))
        return link.rstrip("/").rpartition("/")[2]

    def new_patient(self, place: int) -> NewPatient:
        return NewPatient(
            given_name=self.names.of(f"Mina{place}"), family_name=self.names.of(f"Lindgren{place}"),
            born_on=date(2011, 2, 2 + place), email=f"minor{place}@example.org", phone=f"+1212555010{place}",
            category="can_become_pregnant", guardian_name=self.names.of(f"Paula{place}", 120),
            guardian_email=f"guardian{place}@example.org",
        )  # fmt: skip

    def _enrolled(self, place: int, *, accept: bool) -> Patient:
        new, by = self.new_patient(place), self.actor("prescriber")
        result = enrolment.enrol(new=new, by=by, at=self.at, key=uuid4())
        assert result.patient is not None
        patient = Patient.objects.get(pk=result.patient)
        if accept:
            given = Acceptance(born_on=new.born_on, password="")
            for invitation in patient.invitations.all():
                invitations.accept(invitation=invitation.pk, acceptance=given, at=self.at, key=uuid4())
        return patient

    # --- what waits for somebody -------------------------------------------------------------
    def _waiting(self) -> None:
        new, by = self.new_patient(1), self.actor("prescriber")
        held = enrolment.enrol(new=new, by=by, at=self.at, key=uuid4()).held
        assert held is not None
        self.held = HeldEnrolment.objects.get(pk=held)
        self.applicant = factories.prescriber(state="applied")
        waits = factories.pharmacist()
        Pharmacy.objects.filter(pk=waits.pharmacy_id).update(state="applied")
        self.readers |= {"applicant": self.applicant.user, "applicant at the counter": waits.user}
        self.suspended = factories.prescriber()
        certifying.suspend(
            kind="prescriber", subject=self.suspended.pk, reason=make_erasable(self.names.of("because", 500)),
            by=self.actor("officer"), at=self.at, key=uuid4(),
        )  # fmt: skip
        self.gone = factories.patient(self.clinic.prescriber, given_name="Gone", user=None)
        erasure.ask(patient=self.gone.pk, by=self.actor("officer"), at=self.at, key=uuid4())
        fresh = factories.account(DESIGNEE)
        Designee.objects.create(user=fresh, prescriber=self.clinic.other)
        self.set_password_token = set_password_link.make_token(fresh)
        self.closed = factories.designee(self.clinic.other).user
        User.objects.filter(pk=self.closed.pk).update(is_active=False)

    def _noncompliance(self) -> None:
        """A signal; and a case of the practice and one of the pharmacy, each with a notice."""
        self.signal = ComplianceSignal.objects.create(
            code="backdated", day=self.at.date(), place_kind="prescriber", place=self.prescriber.pk,
            patient=self.patient.pk, record=1,
        )  # fmt: skip
        self.compliance_case: dict[str, int] = {}
        by, due = self.actor("officer"), self.at.date() + timedelta(days=14)
        places: list[tuple[certifying.Kind, UUID]] = [
            ("prescriber", self.prescriber.pk), ("pharmacy", self.pharmacy.pk),
        ]  # fmt: skip
        for kind, place in places:
            note = make_erasable(self.names.of("noticed", 500))
            number = noncompliance.open_case(
                kind=kind, subject=place, signals=[], note=note, by=by, at=self.at, key=uuid4()
            )
            said = noncompliance.Said(text=make_erasable(self.names.of("explain", 500)), due=due)
            noncompliance.take_step(
                kind=kind, subject=place, case=number, step="notice", said=said, by=by, at=self.at, key=uuid4()
            )
            self.compliance_case[kind] = number

    def _signed_pdfs(self) -> None:
        """A signed document each about the patient, by the guardian, of the pharmacy and of the practice."""
        self.signed_pdf = self._signed_pdf(self.patient.pk, self.readers["patient"])
        self.guardians_signed_pdf = self._signed_pdf(self.minor.pk, self.readers["guardian"])
        self.pharmacys_signed_pdf = self._signed_pdf(self.pharmacy.pk, self.readers["pharmacist"])
        self.practices_signed_pdf = self._signed_pdf(self.prescriber.pk, self.readers["prescriber"])

    def _signed_pdf(self, subject: UUID, signer: User) -> SignedPdf:
        return SignedPdf.objects.create(
            subject=subject, signature=1, signer=signer, document="x", sha256="0" * 64, data=b"%PDF-", made_at=self.at
        )

    def _rename(self) -> None:
        """Everybody and every place is called by a marked name."""
        if not self.names.mark:
            return
        for user in User.objects.all():
            User.objects.filter(pk=user.pk).update(name=self.names.of("Robin", 120))
        Patient.objects.filter(user=self.readers["patient"]).update(
            given_name=self.names.of("Ana"), family_name=self.names.of("Mora")
        )
        place = {"address": self.names.of("1 Main Street ", 200), "phone": self.names.of("", 32)}
        Prescriber.objects.update(practice_name=self.names.of("Practice", 120), **place)
        Pharmacy.objects.update(name=self.names.of("Pharmacy", 120), **place)
        Guardian.objects.update(name=self.names.of("Guardian", 120))
        self.patient.refresh_from_db()

    def _passwords(self) -> None:
        """Everybody has the password that signs."""
        for user in self.readers.values():
            user.refresh_from_db()
            user.set_password(factories.PASSWORD)
            user.save()

    @property
    def voidable(self) -> int:
        """The number of an entry of the patient that can be voided, while the window stays open: the visit."""
        return 8


def built(names: Names | None, _: object) -> SiteFixture:
    """The site of a snapshot."""
    return SiteFixture(names)


#: When people look at it.
AT = "2026-12-15T11:00-05:00"
SITE = Snapshot("site", partial(built, None), at=AT)

__all__ = ["AT", "OFFICER", "READERS", "SITE", "Names", "SiteFixture", "built"]
