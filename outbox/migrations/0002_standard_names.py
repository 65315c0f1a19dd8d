"""Table and columns get the names that one would search for. Rows and rights stay as they are."""

from django.db import migrations, models

from ledger.table_names import follow_column, follow_table


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0001_initial'),
        ('ledger', '0008_standard_names'),
    ]

    operations = [
        migrations.RenameModel('Letter', 'CapturedEmail'),
        migrations.RenameIndex('capturedemail', new_name='outbox_capt_at_b9450c_idx', old_name='outbox_lett_at_165a97_idx'),
        follow_table('outbox_letter', 'outbox_capturedemail'),
        migrations.RenameField('message', 'laid_at', 'enqueued_at'),
        follow_column('outbox_message', 'laid_at', 'enqueued_at'),
        migrations.RenameField('message', 'tries', 'attempts'),
        follow_column('outbox_message', 'tries', 'attempts'),
        migrations.RenameField('message', 'next_try_at', 'next_attempt_at'),
        follow_column('outbox_message', 'next_try_at', 'next_attempt_at'),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex('message', 'message_waiting'),
                migrations.AddIndex('message', models.Index(condition=models.Q(('delivered_at', None), ('dropped_at', None)), fields=['next_attempt_at'], name='message_waiting')),
            ],
        ),
    ]
