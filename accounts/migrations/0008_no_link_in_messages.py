"""Letters to whoever registers carried their link's token in clear: what waits is sealed, what was sent forgets it."""

import json
from typing import Any

from django.db import migrations

from accounts.registration_link import LinkOver, email_of_token
from ledger.encryption import cipher


def seal(apps: Any, schema_editor: Any) -> None:
    messages = apps.get_model("outbox", "Message").objects.using(schema_editor.connection.alias)
    rows = messages.filter(kind="registration", data__has_key="address")
    for message in rows:
        token, what = message.data.pop("address"), message.data.pop("what", "")
        try:
            address = email_of_token(token) if message.delivered_at is None and message.dropped_at is None else None
        except LinkOver:
            address = None
        if address is not None:
            facts = json.dumps({"address": address, "what": what}).encode()
            message.data |= {"sealed": cipher("outbox.sealed-message").encrypt(facts).decode(), "facts": True}
        elif message.delivered_at is None and message.dropped_at is None:
            message.dropped_at = message.enqueued_at
        message.save()


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_invited_email'),
        ('outbox', '0003_heartbeats'),
    ]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
