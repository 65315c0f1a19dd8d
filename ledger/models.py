"""The tables of the log. PostgreSQL itself refuses to change or remove what stands in them."""

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

#: The kinds that the office reads by month, the newest first: of the records of patients about one in three.
LISTED_KINDS = (
    "applied", "approved", "authorized", "case_answered", "case_opened", "case_step", "discontinued", "dispensed",
    "enrolled", "lookups_paused", "pregnancy_test", "reversed", "suspended", "turned_down",
)  # fmt: skip

SUBJECT_KINDS = ("patient", "prescriber", "pharmacy", "account")


class LogRecord(models.Model):
    """One record in the log of one subject. Only ever added."""

    subject_kind = models.CharField(max_length=16)
    subject = models.UUIDField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    format = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    actor = models.UUIDField()
    role = models.CharField(max_length=16)
    acting_for = models.UUIDField(null=True)
    request_id = models.UUIDField()
    data = models.JSONField()
    edition = models.CharField(max_length=16, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    # The default is for rows from before this column, and for a process of the release before.
    canonical_form = models.SmallIntegerField(db_default=1)

    class Meta:
        db_table = "ledger_record"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "number"], include=["hash"], name="record_place_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="record_number_from_one"),
            models.CheckConstraint(condition=Q(format__gte=1), name="record_format_from_one"),
            models.CheckConstraint(condition=Q(canonical_form__in=(1, 2)), name="record_canonical_form_known"),
            models.CheckConstraint(condition=Q(subject_kind__in=SUBJECT_KINDS), name="record_subject_kind_listed"),
            models.CheckConstraint(condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="record_hash_is_sha256"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "kind"]),
            # What is young is found without reading all: rows stand in the table in about this order.
            BrinIndex(fields=["at"], autosummarize=True, name="record_young"),
            # Whoever signed finds their own signatures, however long all the logs are.
            models.Index(fields=["actor", "-at"], condition=Q(kind="attested"), name="record_signed_by"),
            # What happened to accounts is few among all records.
            models.Index(fields=["-at", "-id"], condition=Q(subject_kind="account"), name="record_of_accounts"),
            # What happened in a month is read a page at a time; what two kinds or few records say has an own index.
            models.Index(fields=["kind", "-at", "-id"], condition=Q(kind__in=LISTED_KINDS), name="record_of_kind"),
            models.Index(
                fields=["-at", "-id"],
                condition=Q(kind="pregnancy_reported") | Q(kind="pregnancy_test", data__result="positive"),
                name="record_stopping",
            ),
            models.Index(
                fields=["-at", "-id"],
                condition=Q(kind__in=("signing_locked", "password_closed")),
                name="record_locking",
            ),
        ]


class ErasableText(models.Model):
    """Text that names or describes a person. The log holds its digest; the text itself can be erased."""

    digest = models.CharField(max_length=64, primary_key=True)
    subject = models.UUIDField()
    salt = models.BinaryField(max_length=16)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            # With a salt of any length the beginning of a text could be moved into it unseen.
            models.CheckConstraint(condition=Exact(Length("salt"), 16), name="erasable_text_salt_of_16_bytes"),
        ]
        indexes: ClassVar = [models.Index(fields=["subject"])]


class LoggedRequest(models.Model):
    """A request to write or to decide, and its result. Only ever added."""

    actor = models.UUIDField()
    key = models.UUIDField()
    action = models.CharField(max_length=32)
    subject = models.UUIDField(null=True)
    at = models.DateTimeField()
    body_hash = models.CharField(max_length=64)
    #: Empty when it was done; the codes of the refusal when not.
    codes = models.JSONField(default=list)
    answer = models.JSONField(default=dict)
    records = models.JSONField(default=list)
    request_id = models.UUIDField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor", "key"], name="request_key_once")]
        indexes: ClassVar = [
            models.Index(fields=["subject", "at"]),
            models.Index(fields=["-at"]),
            models.Index(fields=["-at", "-id"], condition=~Q(codes=[]), name="request_refused"),
            models.Index(
                fields=["-at", "-id"], condition=Q(codes__contains=["no-such-patient"]), name="request_of_nobody"
            ),
        ]


class _SignedCheckpoint(models.Model):
    """A root over heads of logs, signed, and chained to the one before. Only added."""

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    #: SHA-256 of the public key, and the signature, in hex.
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        abstract = True


class Checkpoint(_SignedCheckpoint):
    """The root over the head of every log at one moment."""

    #: How many logs there were.
    leaves = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__gte=1), name="checkpoint_number_from_one"),
            models.UniqueConstraint(fields=["previous"], name="checkpoint_follows_once"),
        ]


class CheckpointLeaf(models.Model):
    """The head of a log that changed since the checkpoint before. The tree has, of each log, the latest one."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="changed")
    subject = models.UUIDField()
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "checkpoint"], name="leaf_once_a_checkpoint"),
        ]


class CheckpointTree(models.Model):
    """The roots of the blocks of a checkpoint's tree, by which a proof is made without all heads: `ledger.trees`.

    It can be worked out from the heads, and nothing is believed for what stands here.
    """

    checkpoint = models.PositiveIntegerField(primary_key=True)
    blocks = models.BinaryField()


class MinuteCheckpoint(_SignedCheckpoint):
    """The heads that changed since the checkpoint before, in that minute."""

    #: The checkpoint over all logs that it follows; 0 before the first.
    after = models.PositiveIntegerField(db_index=True)
    #: Lists of subject, number and hash, by subject.
    heads = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__gte=1), name="minute_number_from_one"),
            models.UniqueConstraint(fields=["previous"], name="minute_follows_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["at"])]


class AccessEvent(models.Model):
    """Somebody viewed the record of a subject: who, in which role, what, and why the role allowed it. Only added."""

    at = models.DateTimeField()
    actor = models.UUIDField()
    role = models.CharField(max_length=16)
    acting_for = models.UUIDField(null=True)
    subject = models.UUIDField()
    what = models.CharField(max_length=16)
    why = models.CharField(max_length=24)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "-at"])]
