"""Each record says in which canonical form its hash was made. The rows that are there, all of form 1, are not touched.

The constant default of a new column writes no row, so that no trigger is asked; and a process of the release before,
which does not name the column, goes on writing form 1.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_signatures_by_account'),
    ]

    operations = [
        migrations.AddField(
            model_name='record',
            name='canonical_form',
            field=models.SmallIntegerField(db_default=1),
        ),
        AddConstraintNotValid(
            model_name='record',
            constraint=models.CheckConstraint(condition=models.Q(('canonical_form__in', (1, 2))), name='record_canonical_form_known'),
        ),
    ]
