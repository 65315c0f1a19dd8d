"""A message may go out within another one, the digest."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0008_captured_texts'),
    ]

    operations = [
        migrations.AddField(
            'message', 'digest',
            models.ForeignKey(
                null=True, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines',
                to='outbox.message',
            ),
        ),
        migrations.AddIndex(
            'message', models.Index(condition=models.Q(('digest', None), _negated=True), fields=['digest'], name='message_of_digest'),
        ),
    ]
