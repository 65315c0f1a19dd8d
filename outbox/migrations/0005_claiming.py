"""Indexes by which messages are claimed in their order, and found by what a provider tells of them."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0004_outcomes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=Q(('delivered_at', None), ('dropped_at', None)), fields=['attempts', 'next_attempt_at'], name='message_claiming'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=Q(('provider_id', ''), _negated=True), fields=['provider_id'], name='message_of_provider'),
        ),
    ]
