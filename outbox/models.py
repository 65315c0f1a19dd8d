"""The outbox: a row a message is the record of work; the queue only notifies the worker. And its heartbeats."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from .channels import CHANNELS, EMAIL
from .outcomes import UNDELIVERED


class Message(models.Model):
    """A message that somebody is to get. `key` makes enqueuing twice the same as once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    #: Through what it goes (`outbox.channels`): one key has one.
    channel = models.CharField(max_length=10, default=EMAIL, db_default=EMAIL)
    subject = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    enqueued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=80, blank=True)
    #: What became of it in the end (`outbox.outcomes`); empty while it waits.
    outcome = models.CharField(max_length=20, blank=True, default="", db_default="")
    #: What was answered last, as a code or a word; and under which id the provider knows it, if it has ids.
    answer = models.CharField(max_length=80, blank=True, default="", db_default="")
    provider_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    #: The message within which this one goes out (`outbox.digests`).
    digest = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="lines")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(dropped_at=None), name="message_delivered_or_dropped"
            ),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="message_channel_listed"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], name="message_waiting", condition=Q(delivered_at=None, dropped_at=None)
            ),
            # In the order in which they are claimed.
            models.Index(
                fields=["attempts", "next_attempt_at"],
                name="message_claiming",
                condition=Q(delivered_at=None, dropped_at=None),
            ),
            models.Index(fields=["-enqueued_at", "id"], name="message_newest"),
            models.Index(fields=["kind", "-enqueued_at", "id"], name="message_newest_of_kind"),
            models.Index(fields=["subject", "-enqueued_at"], name="message_of_subject", condition=~Q(subject=None)),
            models.Index(fields=["digest"], name="message_of_digest", condition=~Q(digest=None)),
            models.Index(Coalesce("delivered_at", "dropped_at"), name="message_ended"),
            # Few among many: what did not arrive, and what goes by another channel than e-mail.
            models.Index(
                fields=["-enqueued_at", "id"], name="message_undelivered", condition=Q(outcome__in=UNDELIVERED)
            ),
            models.Index(
                fields=["channel", "-enqueued_at", "id"], name="message_of_channel", condition=~Q(channel=EMAIL)
            ),
            models.Index(fields=["provider_id"], name="message_of_provider", condition=~Q(provider_id="")),
        ]


class UnreachableAddress(models.Model):
    """An address that takes no e-mail, by its keyed mark; see `outbox.unreachable`."""

    mark = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()
    answer = models.CharField(max_length=80, blank=True)


class CapturedEmail(models.Model):
    """An e-mail as it would have been sent, kept in the demo and in tests; an installation has none."""

    message_id = models.CharField(max_length=120, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-at"])]


class CapturedText(models.Model):
    """A text message as it would have been sent, kept in the demo and in tests; an installation has none."""

    message = models.UUIDField(primary_key=True)
    to = models.CharField(max_length=16)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-at"], name="captured_text_newest")]


class Heartbeat(models.Model):
    """When one of the worker's regular tasks was last done to its end; see `outbox.heartbeats`."""

    task = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
