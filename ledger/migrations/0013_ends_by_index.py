"""The place of a record with its hash in one index: the ends of all logs are read from it, and no record is.

A checkpoint of a million logs read a million records from as many places of the disk. Built while others write.
"""

from django.db import migrations, models

_BUILD = (
    # An index waits for whoever writes just now, and may wait longer than other changes of a schema.
    "SET lock_timeout = '1min'",
    "DROP INDEX CONCURRENTLY IF EXISTS record_place_with_hash",
    "CREATE UNIQUE INDEX CONCURRENTLY record_place_with_hash ON ledger_record (subject, number) INCLUDE (hash)",
    "ALTER TABLE ledger_record DROP CONSTRAINT record_place_unique",
    "ALTER INDEX record_place_with_hash RENAME TO record_place_unique",
    "RESET lock_timeout",
)
_BACK = (
    "SET lock_timeout = '1min'",
    "DROP INDEX CONCURRENTLY IF EXISTS record_place_alone",
    "CREATE UNIQUE INDEX CONCURRENTLY record_place_alone ON ledger_record (subject, number)",
    "DROP INDEX CONCURRENTLY record_place_unique",
    "ALTER TABLE ledger_record ADD CONSTRAINT record_place_unique UNIQUE USING INDEX record_place_alone",
    "RESET lock_timeout",
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('ledger', '0012_checkpoint_tree'),
    ]

    operations = [
        migrations.RunSQL(
            _BUILD,
            _BACK,
            state_operations=[
                migrations.RemoveConstraint('logrecord', 'record_place_unique'),
                migrations.AddConstraint(
                    'logrecord',
                    models.UniqueConstraint(fields=('subject', 'number'), include=('hash',), name='record_place_unique'),
                ),
            ],
        ),
    ]
