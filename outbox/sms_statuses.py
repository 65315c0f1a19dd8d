"""What a provider tells of a text message after it took it: it arrived, or did not."""

from datetime import datetime

from django.db import transaction

from . import bounces
from .channels import SMS
from .models import Message
from .sms import Status


def take(status: Status, *, at: datetime) -> None:
    """Note what was told of a message of ours. To note the same twice changes nothing."""
    with transaction.atomic():
        rows = Message.objects.select_for_update()
        known = {"pk": status.message} if status.message else {"provider_id": status.provider_id or None}
        message = rows.filter(channel=SMS, **known).first()
        if message is None:
            return
        if status.is_delivered:
            bounces.arrived(message, status.to, at)
        else:
            bounces.came_back(message, status.to if status.is_number else "", status.answer, at)
