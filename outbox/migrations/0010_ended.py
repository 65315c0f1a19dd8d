"""An index of when messages came to their end, to count them by day. Nobody waits while it is built."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):

    #: Built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ('outbox', '0009_digest'),
    ]

    operations = [
        # It waits for transactions that were there before it, for as long as they take: it keeps nobody waiting.
        migrations.RunSQL('SET lock_timeout = 0', migrations.RunSQL.noop),
        # What an interrupted one left behind is no good.
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS message_ended', migrations.RunSQL.noop),
        AddIndexConcurrently(
            'message', models.Index(Coalesce('delivered_at', 'dropped_at'), name='message_ended'),
        ),
        migrations.RunSQL('RESET lock_timeout', migrations.RunSQL.noop),
    ]
