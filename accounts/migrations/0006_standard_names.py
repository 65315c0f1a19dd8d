"""Table and columns get the names that one would search for. Rows and rights stay as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ledger.table_names import follow_column, follow_table


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_wrong_tries'),
        ('ledger', '0008_standard_names'),
    ]

    operations = [
        migrations.RenameModel('SigningTries', 'SigningLockout'),
        migrations.AlterField('signinglockout', 'user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='signing_lockout', serialize=False, to=settings.AUTH_USER_MODEL)),
        follow_table('accounts_signingtries', 'accounts_signinglockout'),
        migrations.RenameField('signinglockout', 'wrong', 'failed_attempts'),
        follow_column('accounts_signinglockout', 'wrong', 'failed_attempts'),
        migrations.RenameField('user', 'wrong_tries_known', 'failed_attempts_trusted'),
        follow_column('accounts_user', 'wrong_tries_known', 'failed_attempts_trusted'),
        migrations.RenameField('user', 'wrong_tries', 'failed_attempts'),
        follow_column('accounts_user', 'wrong_tries', 'failed_attempts'),
    ]
