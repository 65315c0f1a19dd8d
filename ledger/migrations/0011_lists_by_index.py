"""Indexes by which long lists are read, page by page."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0010_minute_checkpoint'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='loggedrequest',
            index=models.Index(condition=models.Q(('codes', []), _negated=True), fields=['-at', '-id'], name='request_refused'),
        ),
        migrations.AddIndex(
            model_name='logrecord',
            index=models.Index(condition=models.Q(('subject_kind', 'account')), fields=['-at', '-id'], name='record_of_accounts'),
        ),
    ]
