"""Tables beside the log: look-ups and projections that can be rebuilt from it, and drafts."""

import uuid
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from compliance.rules.stages import STAGES
from patients.models import PROGRAM_CODE, Patient, Pharmacy


class _Days(Func):
    """The days from one date to another, both included, as PostgreSQL's range."""

    function = "daterange"


class Authorization(models.Model):
    """An authorization for look-up at the counter. The log is the truth; `state` never says expired."""

    class State(models.TextChoices):
        """What the log says became of it; whether it expired is a matter of the clock."""

        OPEN = "open"
        DISPENSED = "dispensed"
        REVERSED = "reversed"
        VOID = "void"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=12, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="authorizations")
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="authorizations")
    record = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    first_day = models.DateField()
    dispense_by = models.DateField()
    days_supply = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    #: The day on which the patient got the product, and the day on which that was entered.
    handed_over_on = models.DateField(null=True)
    entered_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                # A comparison with nothing is neither true nor false, and would pass.
                condition=Q(~Q(state="dispensed"), handed_over_on=None, entered_on=None)
                | Q(
                    state="dispensed",
                    handed_over_on__isnull=False,
                    handed_over_on__gte=F("first_day"),
                    entered_on__isnull=False,
                    entered_on__gte=F("handed_over_on"),
                ),
                name="authorization_handed_over_once_dispensed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "dispensed", "reversed", "void"]), name="authorization_state_listed"
            ),
            models.CheckConstraint(condition=Q(dispense_by__gte=F("first_day")), name="authorization_days_in_order"),
            models.CheckConstraint(condition=Q(days_supply__gte=1), name="authorization_supply_positive"),
            ExclusionConstraint(
                name="authorization_one_open_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    (_Days("first_day", "dispense_by", Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="open"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["pharmacy", "state", "dispense_by"]),
            # Of all pharmacies, for the office.
            models.Index(fields=["state", "dispense_by"], name="authorization_overdue"),
            models.Index(
                fields=["entered_on"],
                condition=Q(entered_on__gt=F("handed_over_on")),
                name="authorization_late",
            ),
        ]


class PatientStatus(models.Model):
    """Where a patient stands, worked out from the log: for lists, counts and reminders only.

    No decision and no page of one patient reads it.
    """

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, primary_key=True, related_name="status")
    program = models.CharField(max_length=32)
    stage = models.CharField(max_length=16)
    category = models.CharField(max_length=24, blank=True)
    window_first = models.DateField(null=True)
    window_last = models.DateField(null=True)
    blockers = models.JSONField(default=list)
    acts = models.JSONField(default=list)
    #: Tests after treatment, and an answer to what the patient reported: code and day of each.
    owed = models.JSONField(default=list)
    #: From which day the practice can do something that is of use: the prescriber, and a designee. Null: nothing.
    prescriber_acts_from = models.DateField(null=True)
    designee_acts_from = models.DateField(null=True)
    #: Since which day a question of the patient, or of a guardian, waits for an answer. Null: none waits.
    asks_since = models.DateField(null=True)
    log_number = models.PositiveIntegerField()
    editions = models.CharField(max_length=64)
    assessed_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    #: How often in a row it could not be refreshed. With each time it is put off for longer.
    failures = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(stage__in=["", *STAGES]), name="patient_status_stage_listed"),
            models.CheckConstraint(condition=Q(program__regex=PROGRAM_CODE), name="patient_status_program_code"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_due_at", "patient"], name="patient_status_due"),
            models.Index(fields=["program", "editions"], name="patient_status_editions"),
            models.Index(fields=["assessed_at"], name="patient_status_assessed"),
            models.Index(fields=["stage"]),
            # The office's list of those in one stage, page by page.
            models.Index(fields=["stage", "patient"], name="patient_status_of_stage"),
            # And its lists of those whom few are among: whose methods differ, and who are between two courses.
            models.Index(
                fields=["patient"],
                name="patient_status_mismatch",
                condition=Q(blockers__contains=[["contraception-mismatch"]]),
            ),
            models.Index(
                fields=["patient"], name="patient_status_gap", condition=Q(blockers__contains=[["course-gap"]])
            ),
        ]


class Draft(models.Model):
    """Answers on the way to a signature or to the month's questions. A *no* stays here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="drafts")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    #: What is being answered, e.g. `consent:birth-defects:1:en` or `questions:<start of the cycle>`.
    what = models.CharField(max_length=80)
    answers = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "account", "what"], name="draft_once_each"),
        ]


class SignedPdf(models.Model):
    """The signed PDF of one signature, as it was made. Never changed; erased only with the texts of its subject."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.UUIDField()
    #: The number of the `attested` record in the subject's log, and who signed.
    signature = models.PositiveIntegerField()
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signed_pdfs")
    document = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "signature"], name="signed_pdf_once_a_signature"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="signed_pdf_hash_is_sha256"),
        ]


class PdfJob(models.Model):
    """A PDF job: a signature whose PDF is still to be made. Enqueued with the signature, done by the worker."""

    subject_kind = models.CharField(max_length=16)
    subject = models.UUIDField()
    signature = models.PositiveIntegerField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "signature"], name="pdf_job_once_a_signature"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], condition=Q(done_at=None), name="pdf_job_waiting"),
        ]


class Proposal(models.Model):
    """What one officer asks for, and another one has to confirm before it is done (`commands/two_officers.py`)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField(max_length=32)
    subject = models.UUIDField()
    #: What exactly is to be done, as plain data.
    payload = models.JSONField()
    reason = models.TextField()
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    #: When it was confirmed, or replaced.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")), name="proposal_confirmed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(ended_at__isnull=False), name="proposal_confirmed_has_ended"
            ),
            models.UniqueConstraint(
                fields=["action", "subject"], condition=Q(ended_at=None), name="proposal_one_open_a_subject"
            ),
        ]


class ColumnCheck(models.Model):
    """One comparison of all columns that are projections with the log: when, and what differed."""

    started_at = models.DateTimeField()
    #: It takes as many turns as it needs: None until the last, and the last patient so far.
    finished_at = models.DateTimeField(null=True)
    compared_up_to = models.UUIDField(default=UUID(int=0))
    #: How many subjects have rows that differ; of the first of them the id and the columns.
    differing = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-finished_at"])]


class MonthlyFigure(models.Model):
    """A number of one month, of the whole program or of one practice or pharmacy (`compliance.records.figures`)."""

    month = models.DateField()
    figure = models.CharField(max_length=32)
    #: The practice or pharmacy; None for the whole program.
    place = models.UUIDField(null=True)
    number = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["figure", "place", "month"], nulls_distinct=False, name="monthly_figure_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="monthly_figure_first_of_month"),
        ]
        indexes: ClassVar = [models.Index(fields=["figure", "month"], name="monthly_figure_of_places")]


class FigureProgress(models.Model):
    """Up to which day the figures are counted: one row. It is locked while a day is added."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last_day = models.DateField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="figure_progress_once")]


class PregnancyCase(models.Model):
    """A pregnancy in a patient's file, as the log says: for the office's list and figures alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pregnancies")
    #: The number of the record by which it was found.
    record = models.PositiveIntegerField()
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=8)
    phase = models.CharField(max_length=20)
    outcome = models.CharField(max_length=24)
    exposure = models.CharField(max_length=16)
    cause = models.CharField(max_length=24)
    followed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "record"], name="pregnancy_case_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["found_at", "id"], condition=Q(outcome="pending"), name="pregnancy_case_open"),
            models.Index(fields=["-found_at", "id"], name="pregnancy_case_newest"),
        ]


class WhatIf(models.Model):
    """What another edition would have answered to the fills of some patients, as far as the worker has come."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    edition = models.CharField(max_length=16)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    #: How many patients are to be looked at, how many were, and the last of them.
    total = models.PositiveIntegerField()
    looked_at = models.PositiveIntegerField(default=0)
    looked_up_to = models.UUIDField(default=UUID(int=0))
    fills = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    earlier = models.PositiveIntegerField(default=0)
    later = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    #: Of the first fills that differ: patient, number of the authorization, how, and both days.
    differing = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-asked_at", "id"], name="what_if_newest")]


class ComplianceCase(models.Model):
    """A case of non-compliance, as the log of the practice or pharmacy says: for the office's queue alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    place_kind = models.CharField(max_length=16)
    place = models.UUIDField()
    #: The number of the record that opened it.
    number = models.PositiveIntegerField()
    #: What raised it; empty where an officer opened it by hand.
    signal = models.CharField(max_length=24)
    opened_at = models.DateTimeField()
    stage = models.CharField(max_length=20)
    stage_at = models.DateTimeField()
    is_appealed = models.BooleanField()
    waits_for = models.CharField(max_length=8)
    due_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "number"], name="compliance_case_once"),
            models.CheckConstraint(
                condition=Q(closed_at=None, due_on__isnull=False) | Q(closed_at__isnull=False, due_on=None),
                name="compliance_case_due_while_open",
            ),
        ]
        indexes: ClassVar = [
            # The queue: what is due first.
            models.Index(fields=["due_on", "id"], condition=Q(closed_at=None), name="compliance_case_queue"),
            models.Index(fields=["-opened_at", "id"], name="compliance_case_newest"),
        ]


class ComplianceSignal(models.Model):
    """What may be non-compliance of a practice or a pharmacy, and the record or request that raised it.

    Found when its day is counted (`compliance.records.signals`); never changed but by the case that takes it up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=24)
    #: The day on which it was recorded.
    day = models.DateField()
    place_kind = models.CharField(max_length=16)
    place = models.UUIDField()
    patient = models.UUIDField()
    #: The number of a record in the patient's log, or the row of the request log.
    record = models.PositiveIntegerField(null=True)
    request = models.BigIntegerField(null=True)
    #: The number of the case in the log of the place.
    case = models.PositiveIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "record", "request", "code"], nulls_distinct=False, name="compliance_signal_once"
            ),
            models.CheckConstraint(
                condition=Q(record=None, request__isnull=False) | Q(record__isnull=False, request=None),
                name="compliance_signal_raised_by_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-day", "id"], condition=Q(case=None), name="compliance_signal_newest"),
            models.Index(fields=["place", "-day"], name="compliance_signal_of_place"),
        ]


class SurveySum(models.Model):
    """How many answered a question of a survey in one month, and how many of them right. It is of nobody."""

    month = models.DateField()
    survey = models.CharField(max_length=32)
    version = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=32)
    answered = models.PositiveIntegerField()
    right = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "survey", "version", "question"], name="survey_sum_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="survey_sum_first_of_month"),
            models.CheckConstraint(condition=Q(right__lte=F("answered")), name="survey_sum_right_of_answered"),
        ]
