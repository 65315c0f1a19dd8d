"""People of the program. Columns are projections of records and of erasable texts; only commands write them."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, Right

from accounts.languages import LISTED, UNKNOWN
from accounts.plain_words import words_found

from .invitations import MAX_FAILED_ATTEMPTS
from .name_parts import name_parts

#: What the code of a program looks like.
PROGRAM_CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"

APPLIED, APPROVED, SUSPENDED, DECLINED = STATES = ("applied", "approved", "suspended", "declined")

#: In which a practice or a pharmacy was never approved: it asks about nobody, and adds nobody.
NOT_APPROVED = frozenset({APPLIED, DECLINED})


#: A telephone number is found by its last digits, however it was typed.
PHONE_DIGITS = 10


def phone_digits() -> Func:
    """The last digits of the telephone number, as `duplicates.phone_key` makes them of a text."""
    return Right(Func(F("phone"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace"), PHONE_DIGITS)


def place_words(name: str) -> Func:
    """The words by which a practice or a pharmacy is found: those of the column of its name, and of its address."""
    return words_found(name, "address")


class _Applicant(models.Model):
    """What a practice and a pharmacy have in common: they apply, are approved, may be suspended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    npi = models.CharField(max_length=10, unique=True)
    phone = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=200, blank=True)
    #: The code of the program for which it applies and is certified.
    program = models.CharField(max_length=32)
    state = models.CharField(max_length=10, default="applied")

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="%(class)s_state_listed"),
            models.CheckConstraint(condition=Q(npi__regex=r"^[0-9]{10}$"), name="%(class)s_npi_ten_digits"),
            models.CheckConstraint(condition=Q(program__regex=PROGRAM_CODE), name="%(class)s_program_code"),
        ]


class Prescriber(_Applicant):
    """One who prescribes, with the practice."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="prescriber")
    practice_name = models.CharField(max_length=120)
    #: When the telephone is answered, as patients read it.
    hours = models.CharField(max_length=120, blank=True, default="", db_default="")

    class Meta(_Applicant.Meta):
        indexes: ClassVar = [
            models.Index(fields=["state", "practice_name", "id"], name="prescriber_listed"),
            models.Index(phone_digits(), name="prescriber_phone_digits"),
            GinIndex(OpClass(place_words("practice_name"), name="gin_trgm_ops"), name="prescriber_words"),
        ]


class Designee(models.Model):
    """A place: one who works for a prescriber, and acts there for that one alone. An account may hold several."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="designees")
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="designees")
    #: When the place ended, where the account went on in others.
    ended_at = models.DateTimeField(null=True)

    @property
    def is_open(self) -> bool:
        """Whether somebody works there by it. Of an account that goes on elsewhere this says no more than that."""
        return self.ended_at is None and self.user.is_active

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "prescriber"], condition=Q(ended_at=None), name="designee_once_a_practice"
            )
        ]


class Delegate(models.Model):
    """A delegation: one prescriber acts for another, until it is ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="delegates")
    delegate = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="covers")
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    @property
    def is_active(self) -> bool:
        """Whether the one who was named may cover: not while the office has suspended them."""
        return self.delegate.state == APPROVED

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(prescriber=F("delegate")), name="delegate_is_somebody_else"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("named_at")), name="delegate_ends_later"
            ),
            models.UniqueConstraint(
                fields=["prescriber", "delegate"], condition=Q(ended_at=None), name="delegate_once_at_a_time"
            ),
        ]


class Pharmacy(_Applicant):
    """A pharmacy."""

    name = models.CharField(max_length=120)

    class Meta(_Applicant.Meta):
        indexes: ClassVar = [
            models.Index(fields=["state", "name", "id"], name="pharmacy_listed"),
            models.Index(phone_digits(), name="pharmacy_phone_digits"),
            GinIndex(OpClass(place_words("name"), name="gin_trgm_ops"), name="pharmacy_words"),
        ]


class Pharmacist(models.Model):
    """A place: one who works at a pharmacy's counter. An account may hold several."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pharmacists")
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="pharmacists")
    #: When the place ended, where the account went on in others.
    ended_at = models.DateTimeField(null=True)

    @property
    def is_open(self) -> bool:
        """Whether somebody works there by it. Of an account that goes on elsewhere this says no more than that."""
        return self.ended_at is None and self.user.is_active

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "pharmacy"], condition=Q(ended_at=None), name="pharmacist_once_a_pharmacy"
            )
        ]


class Patient(models.Model):
    """A patient's row: who they are, and whose they are. What is decided about them stands in the log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=8, unique=True)
    #: The code of the program; the first record of the log says it.
    program = models.CharField(max_length=32)
    #: The account of the person: one for all of their files, where a practice opened another one.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="patients")
    given_name = models.CharField(max_length=60, blank=True)
    family_name = models.CharField(max_length=60, blank=True)
    #: The name without accents, case and punctuation, for the search across practices.
    name_key = models.CharField(max_length=130, blank=True)
    born_on = models.DateField()
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    #: What the practice was told; what counts where there is an account, `patients.language` says.
    language = models.CharField(max_length=2, blank=True, default=UNKNOWN, db_default=UNKNOWN)
    #: The last ten digits of the telephone number, however it was typed: the database keeps it, for the same search.
    phone_key = models.GeneratedField(
        expression=phone_digits(), output_field=models.CharField(max_length=PHONE_DIGITS), db_persist=True
    )
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="patients")
    #: To whom the patient is offered, until the offer is answered or taken back.
    offered_to = models.ForeignKey(Prescriber, on_delete=models.PROTECT, null=True, related_name="offered")
    #: Of the files that the office linked, the oldest, itself among them; null while there is only this one.
    linked_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="linked")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__regex=r"^[2-9A-HJKMNP-TV-Z]{8}$"), name="patient_number_form"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="patient_email_lower_case"),
            models.CheckConstraint(condition=Q(program__regex=PROGRAM_CODE), name="patient_program_code"),
            models.CheckConstraint(condition=Q(language__in=LISTED), name="patient_language_listed"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["born_on"]),
            models.Index(fields=["name_key"]),
            models.Index(fields=["email"]),
            models.Index(fields=["phone_key"]),
            models.Index(fields=["prescriber", "family_name", "given_name"]),
            GinIndex(OpClass(name_parts(), name="gin_trgm_ops"), name="patient_name_parts"),
        ]

    def __str__(self) -> str:
        """The id: nothing that names a person may reach a log by way of a string."""
        return str(self.id)

    @property
    def name(self) -> str:
        """The full name. Somebody may have one legal name alone, in either column."""
        return whole_name(self.given_name, self.family_name)

    @property
    def list_name(self) -> str:
        """The full name as lists have it, with the family name first."""
        return ", ".join(filter(None, (self.family_name, self.given_name)))


def whole_name(given_name: str, family_name: str) -> str:
    """Both names, or the only one."""
    return " ".join(filter(None, (given_name, family_name)))


class Guardian(models.Model):
    """One who signs beside a minor. One account may stand beside several."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="guardians")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="guardian_of")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True, default="", db_default="")
    #: As the patient's.
    language = models.CharField(max_length=2, blank=True, default=UNKNOWN, db_default=UNKNOWN)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "user"], name="guardian_once_a_patient"),
            models.CheckConstraint(condition=Q(language__in=LISTED), name="guardian_language_listed"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="guardian_email_lower_case"),
        ]


class Invitation(models.Model):
    """A link, or the code of a letter, that opens an account. Accepting it with the birth date uses it up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="invitations")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, related_name="invitations")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    #: The keyed hash of the letter's code (`patients.letters`); empty for one that goes by mail.
    code_digest = models.CharField(max_length=64, blank=True, db_default="", default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code_digest"], condition=~Q(code_digest=""), name="invitation_code_once"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_accepted_or_revoked"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="invitation_expires_later"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(accepted_at__lt=F("expires_at")), name="invitation_accepted_in_time"
            ),
            models.CheckConstraint(condition=Q(failed_attempts__lte=MAX_FAILED_ATTEMPTS), name="invitation_locks"),
            models.UniqueConstraint(
                fields=["patient", "guardian"],
                condition=Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
                name="invitation_one_open_a_person",
            ),
        ]

    def over(self, at: datetime) -> str | None:
        """Why it is accepted no more: `invitation-unknown` (replaced), `-used`, `-expired`, `-locked`; or None."""
        if self.revoked_at is not None:
            return "invitation-unknown"
        if self.accepted_at is not None:
            return "invitation-used"
        if self.expires_at <= at:
            return "invitation-expired"
        return "invitation-locked" if self.failed_attempts >= MAX_FAILED_ATTEMPTS else None


class HeldEnrolment(models.Model):
    """An enrolment of somebody who may be in the program already; it waits for the office."""

    class State(models.TextChoices):
        """What the office decided."""

        WAITING = "waiting"
        LET_THROUGH = "let_through"
        TURNED_DOWN = "turned_down"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="held_enrolments")
    data = models.JSONField()
    candidates = models.JSONField(default=list)
    #: The file that was opened when the office let it through; or the file whose birth date was corrected, so that it
    #: may be of a person who has another one.
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="possible_duplicates")
    is_correction = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    #: The officer who asked for it, where two were needed.
    asked_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(asked_by=None) | ~Q(asked_by=F("decided_by")), name="held_enrolment_two_officers"
            ),
            models.CheckConstraint(
                condition=Q(is_correction=False) | Q(patient__isnull=False), name="held_enrolment_correction_of_a_file"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(state__in=["let_through", "turned_down"], decided_by__isnull=False, decided_at__isnull=False),
                name="held_enrolment_decided_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"])]
