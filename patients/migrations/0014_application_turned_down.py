"""An application that the office turned down is a state of its own, from which the applicant applies again."""

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

STATES = ('applied', 'approved', 'suspended', 'declined')


def _listed(model: str) -> list[Operation]:
    name = f'{model}_state_listed'
    condition = models.Q(('state__in', STATES))
    return [
        migrations.RemoveConstraint(model, name),
        migrations.AddConstraint(model, models.CheckConstraint(condition=condition, name=name)),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0013_guardian_phone'),
    ]

    operations = [*_listed('pharmacy'), *_listed('prescriber')]
