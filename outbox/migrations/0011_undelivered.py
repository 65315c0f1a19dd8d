"""Indexes of what did not arrive, and of other channels than e-mail: few among many. Nobody waits while they are built."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

_UNDELIVERED = ('bounced', 'refused', 'invalid-address', 'unknown-kind', 'unknown-recipient', 'given-up')

_INDEXES = (
    models.Index(
        fields=['-enqueued_at', 'id'], name='message_undelivered', condition=Q(('outcome__in', _UNDELIVERED)),
    ),
    models.Index(
        fields=['channel', '-enqueued_at', 'id'], name='message_of_channel', condition=Q(('channel', 'email'), _negated=True),
    ),
)


class Migration(migrations.Migration):

    #: Built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ('outbox', '0010_ended'),
    ]

    operations = [
        # It waits for transactions that were there before it, for as long as they take: it keeps nobody waiting.
        migrations.RunSQL('SET lock_timeout = 0', migrations.RunSQL.noop),
        # What an interrupted one left behind is no good.
        *(
            migrations.RunSQL(f'DROP INDEX CONCURRENTLY IF EXISTS {index.name}', migrations.RunSQL.noop)
            for index in _INDEXES
        ),
        *(AddIndexConcurrently('message', index) for index in _INDEXES),
        migrations.RunSQL('RESET lock_timeout', migrations.RunSQL.noop),
    ]
