"""Indexes by which the office reads what happened in a month, a page at a time. Nobody waits while they are built."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

_LISTED = (
    'applied', 'approved', 'authorized', 'case_answered', 'case_opened', 'case_step', 'discontinued', 'dispensed',
    'enrolled', 'lookups_paused', 'pregnancy_test', 'reversed', 'suspended', 'turned_down',
)
_NEWEST = ['-at', '-id']

_INDEXES = (
    ('logrecord', models.Index(
        fields=['kind', *_NEWEST], condition=Q(('kind__in', _LISTED)), name='record_of_kind',
    )),
    ('logrecord', models.Index(
        fields=_NEWEST,
        condition=Q(('kind', 'pregnancy_reported'), Q(('data__result', 'positive'), ('kind', 'pregnancy_test')), _connector='OR'),
        name='record_stopping',
    )),
    ('logrecord', models.Index(
        fields=_NEWEST, condition=Q(('kind__in', ('signing_locked', 'password_closed'))), name='record_locking',
    )),
    ('loggedrequest', models.Index(
        fields=_NEWEST, condition=Q(('codes__contains', ['no-such-patient'])), name='request_of_nobody',
    )),
)


class Migration(migrations.Migration):

    #: Built beside those who write, which no transaction can hold.
    atomic = False

    dependencies = [
        ('ledger', '0013_ends_by_index'),
    ]

    operations = [
        # It waits for transactions that were there before it, for as long as they take: it keeps nobody waiting.
        migrations.RunSQL('SET lock_timeout = 0', migrations.RunSQL.noop),
        # What an interrupted one left behind is no good.
        *(
            migrations.RunSQL(f'DROP INDEX CONCURRENTLY IF EXISTS {index.name}', migrations.RunSQL.noop)
            for _model, index in _INDEXES
        ),
        *(AddIndexConcurrently(model, index) for model, index in _INDEXES),
        migrations.RunSQL('RESET lock_timeout', migrations.RunSQL.noop),
    ]
