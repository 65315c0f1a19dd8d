"""Signatures are found by who signed them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0004_salts_and_no_hints'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='record',
            index=models.Index(condition=models.Q(('kind', 'attested')), fields=['actor', '-at'], name='record_signed_by'),
        ),
    ]
