"""What readers chose about the messages that they get; where there is no row, the kind's own default stands."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from outbox.channels import CHANNELS


class Choice(models.Model):
    """Whether somebody wants one kind of message by one channel, for one of the sides on which they stand."""

    #: An account; of a patient or a guardian who has none yet, their row.
    owner = models.UUIDField()
    #: A side of the table of kinds, or `designee`.
    side = models.CharField(max_length=12)
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10)
    is_on = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "side", "kind", "channel"], name="choice_once"),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="choice_channel_listed"),
        ]
