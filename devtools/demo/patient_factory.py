"""A factory of patients: one patient's way through the program, step by step, by the real commands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT, PRESCRIBER
from compliance import documents
from compliance.commands import consents, enrolment, gate, invitations
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import enter
from compliance.commands.invitations import Acceptance
from compliance.rules.care.health import HealthAnswered
from compliance.rules.care.laboratory import LaboratoryResult
from compliance.rules.care.prescription import Prescribed
from compliance.rules.days import day, zone
from compliance.rules.programs.isotretinoin_us import CAN
from compliance.rules.records import (
    ComprehensionPassed,
    ContraceptionDeclared,
    Counselled,
    PregnancyTest,
    Record,
)
from compliance.signatures import agreed, signature_for_records
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from patients.models import Invitation, Patient, Pharmacy, Prescriber

from .people import key

METHODS = ("combined-pill", "male-latex-condom")


class PatientFactory:
    """One patient; each step goes at so many days before today."""

    def __init__(self, *, name: str, today: datetime, prescriber: Prescriber, new: NewPatient, enrolled: float) -> None:
        self.name, self.today, self.new, self.prescriber = name, today, new, prescriber
        self.steps = 0
        self.doctor = Actor(prescriber.user_id, PRESCRIBER, prescriber.pk)
        result = enrolment.enrol(new=new, by=self.doctor, at=self.at(enrolled), key=self.key())
        assert result.patient is not None
        self.patient = Patient.objects.get(pk=result.patient)
        self.me = self.doctor
        self.guardian: Actor | None = None

    def key(self) -> UUID:
        """The next step's key."""
        self.steps += 1
        return key(self.name, self.steps)

    def at(self, ago: float) -> datetime:
        """So many days before today; each later step of one moment a little later."""
        return self.today - timedelta(days=ago)

    def day(self, ago: float) -> date:
        """The program's date so many days ago."""
        return day(self.at(ago), zone("America/New_York"))

    def accept(self, ago: float, password: str = "") -> None:
        """Accept the invitations, the patient's and a guardian's."""
        for invitation in Invitation.objects.filter(patient=self.patient, accepted_at=None).order_by("guardian"):
            acceptance = Acceptance(born_on=self.new.born_on, password=password)
            user = invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=self.at(ago), key=self.key())
            self._known(user)

    def _known(self, user: User) -> None:
        if user.role == PATIENT:
            self.me = Actor(user.id, PATIENT, self.patient.pk)
        else:
            self.guardian = Actor(user.id, GUARDIAN)

    def sign(self, ago: float, *, guardian: bool = True, only: int | None = None) -> None:
        """Sign what the category signs, and the guardian beside."""
        codes = ["patient-information", *(["birth-defects"] if self.new.category == CAN else [])]
        for code in codes[:only]:
            document = documents.current(code, self.new.language or documents.FALLBACK, on=self.day(ago))
            answers = agreed(document)
            signers = [(self.me, self.patient.name)]
            if self.guardian is not None and guardian:
                signers.append((self.guardian, self.new.guardian_name))
            for by, name in signers:
                record = consents.consent(patient=self.patient.pk, document=document, answers=answers, by=by)
                key = self.key()
                signature = signature_for_records(
                    [record], name, subject=self.patient.pk, by=by, key=key, on=self.day(ago)
                )
                assert signature is not None
                consents.sign(
                    patient=self.patient.pk, record=record, signature=signature, by=by, at=self.at(ago), key=key
                )

    def enter(self, ago: float, *records: Record, by: Actor | None = None) -> None:
        """Enter records, as the prescriber unless another is named."""
        by, key = by or self.doctor, self.key()
        name = self.patient.name if by.role == PATIENT else self.prescriber.user.name
        signature = signature_for_records(records, name, subject=self.patient.pk, by=by, key=key, on=self.day(ago))
        enter(patient=self.patient.pk, records=records, by=by, at=self.at(ago), key=key, signature=signature)

    def enter_with_words(
        self, ago: float, made: Callable[[Mapping[str, str] | None], Record], words: str, *, by: Actor | None = None
    ) -> None:
        """Enter a record with somebody's own words beside it, as the prescriber unless another is named."""
        text = make_erasable(words, subject=self.patient.pk, at=self.at(ago)) if words else None
        record = made({"words": text.digest} if text else None)
        enter(
            patient=self.patient.pk, records=[record], by=by or self.doctor, at=self.at(ago), key=self.key(),
            texts=[text] if text else [],
        )  # fmt: skip

    def test(self, ago: float, *, result: str = "negative", setting: str = "laboratory") -> PregnancyTest:
        """A test collected that day."""
        return PregnancyTest(self.day(ago), result, setting, "first_five_days")

    def begin(self, ago: float) -> None:
        """Lead-in: methods, visit, screening test."""
        declared = ContraceptionDeclared("prescriber", METHODS, self.day(ago))
        self.enter(ago, declared, self.test(ago, setting="clinic"), Counselled(self.day(ago)))

    def month(self, ago: float) -> None:
        """The prescriber's part of a month."""
        declared = ContraceptionDeclared("prescriber", METHODS, self.day(ago))
        self.enter(ago, self.test(ago), Counselled(self.day(ago)), declared)

    def prescribe(self, ago: float) -> None:
        """What surrounds the first fill: the answers about health, the prescription, the values before it."""
        values = {
            "alt": {"number": "24", "unit": "U/L", "upper": "56"},
            "ast": {"number": "21", "unit": "U/L"},
            "triglycerides": {"number": "98", "unit": "mg/dL"},
            "cholesterol": {"number": "172", "unit": "mg/dL"},
        }
        self.enter(
            ago,
            HealthAnswered((), (), ("lipids",)),
            LaboratoryResult(self.day(ago + 3), values, True),
            Prescribed("claravis", (20, 20), 62_000, 30),
        )

    def answer(self, ago: float, methods: Sequence[str] = METHODS, *, questions: bool = True) -> None:
        """The patient's part of a month."""
        records: list[Record] = [ContraceptionDeclared("patient", tuple(methods))]
        if questions:
            records.append(ComprehensionPassed())
        self.enter(ago, *records, by=self.me)

    def authorize(self, ago: float, counter: tuple[Pharmacy, Actor]) -> str:
        """Ask at the counter; the number of the yes."""
        pharmacy, by = counter
        decision = gate.authorize_patient(
            patient=self.patient.pk, pharmacy=pharmacy.pk, days_supply=30, by=by, at=self.at(ago), key=self.key()
        )
        if decision.number is None:
            raise AssertionError(f"{self.name}: {[b.code for b in decision.blockers]}")
        return decision.number

    def fill(self, ago: float, counter: tuple[Pharmacy, Actor]) -> None:
        """Authorize and dispense."""
        number = self.authorize(ago, counter)
        pharmacy, by = counter
        code = gate.dispense(
            patient=self.patient.pk, number=number, pharmacy=pharmacy.pk, by=by, at=self.at(ago), key=self.key()
        )
        assert code is None, code
