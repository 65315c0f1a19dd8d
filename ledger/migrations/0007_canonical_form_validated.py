"""All rows are read once, in a transaction of its own: nobody who reads or writes waits for it."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0006_canonical_form'),
    ]

    operations = [
        ValidateConstraint(model_name='record', name='record_canonical_form_known'),
    ]
