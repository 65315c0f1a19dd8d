"""Indexes by which long lists are read, page by page."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0005_claiming'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['kind', '-enqueued_at', 'id'], name='message_newest_of_kind'),
        ),
    ]
