"""Indexes of those whose methods differ, and of those between two courses. Nobody waits while they are built."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    #: Built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ('compliance', '0015_questions_in_the_worklist'),
    ]

    operations = [
        # It waits for transactions that were there before it, for as long as they take: it keeps nobody waiting.
        migrations.RunSQL('SET lock_timeout = 0', migrations.RunSQL.noop),
        # What an interrupted one left behind is no good.
        migrations.RunSQL(
            'DROP INDEX CONCURRENTLY IF EXISTS patient_status_mismatch', migrations.RunSQL.noop,
        ),
        migrations.RunSQL('DROP INDEX CONCURRENTLY IF EXISTS patient_status_gap', migrations.RunSQL.noop),
        AddIndexConcurrently(
            'patientstatus',
            models.Index(
                condition=models.Q(('blockers__contains', [['contraception-mismatch']])), fields=['patient'],
                name='patient_status_mismatch',
            ),
        ),
        AddIndexConcurrently(
            'patientstatus',
            models.Index(
                condition=models.Q(('blockers__contains', [['course-gap']])), fields=['patient'],
                name='patient_status_gap',
            ),
        ),
        migrations.RunSQL('RESET lock_timeout', migrations.RunSQL.noop),
    ]
