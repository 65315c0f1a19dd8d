"""Indexes by which messages are claimed in their order, found by what a provider tells of them, and listed."""

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
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['-enqueued_at', 'id'], name='message_newest'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=Q(('subject', None), _negated=True), fields=['subject', '-enqueued_at'], name='message_of_subject'),
        ),
    ]
