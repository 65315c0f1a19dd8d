"""Tell the program office of something that no patient's file says: one message to each officer."""

from datetime import datetime

from django.db import transaction

import outbox
from accounts.models import User
from accounts.roles import OFFICER
from outbox.models import Message


def tell_officers(kind: str, occasion: str, *, at: datetime) -> int:
    """Enqueue it for each officer, once for the occasion; how many messages are new."""
    officers = User.objects.filter(opened_as=OFFICER, is_active=True).order_by("pk").values_list("pk", flat=True)
    messages = [
        Message(key=f"{kind}:{occasion}:{one}", kind=kind, subject=None, data={"officer": str(one)}, due_at=at)
        for one in officers
    ]
    with transaction.atomic():
        return outbox.enqueue(messages, at=at)
