"""The count of failed attempts at an invitation gets the name that one would search for."""

from django.db import migrations, models

from ledger.table_names import follow_column


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0004_linked_files'),
        ('ledger', '0008_standard_names'),
    ]

    operations = [
        migrations.RenameField('invitation', 'wrong_tries', 'failed_attempts'),
        follow_column('patients_invitation', 'wrong_tries', 'failed_attempts'),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint('invitation', 'invitation_locks'),
                migrations.AddConstraint('invitation', models.CheckConstraint(condition=models.Q(('failed_attempts__lte', 5)), name='invitation_locks')),
            ],
        ),
    ]
