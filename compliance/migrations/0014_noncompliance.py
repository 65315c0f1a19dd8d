"""Cases of non-compliance, and the signals that raise them.

`manage.py rebuild_figures` finds the signals of days that were counted before.
"""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0013_cases_and_what_if'),
    ]

    operations = [
        migrations.CreateModel(
            name='ComplianceCase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('place_kind', models.CharField(max_length=16)),
                ('place', models.UUIDField()),
                ('number', models.PositiveIntegerField()),
                ('signal', models.CharField(max_length=24)),
                ('opened_at', models.DateTimeField()),
                ('stage', models.CharField(max_length=20)),
                ('stage_at', models.DateTimeField()),
                ('is_appealed', models.BooleanField()),
                ('waits_for', models.CharField(max_length=8)),
                ('due_on', models.DateField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['due_on', 'id'], name='compliance_case_queue'), models.Index(fields=['-opened_at', 'id'], name='compliance_case_newest')],
                'constraints': [models.UniqueConstraint(fields=('place', 'number'), name='compliance_case_once'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('due_on__isnull', False)), models.Q(('closed_at__isnull', False), ('due_on', None)), _connector='OR'), name='compliance_case_due_while_open')],
            },
        ),
        migrations.CreateModel(
            name='ComplianceSignal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=24)),
                ('day', models.DateField()),
                ('place_kind', models.CharField(max_length=16)),
                ('place', models.UUIDField()),
                ('patient', models.UUIDField()),
                ('record', models.PositiveIntegerField(null=True)),
                ('request', models.BigIntegerField(null=True)),
                ('case', models.PositiveIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('case', None)), fields=['-day', 'id'], name='compliance_signal_newest'), models.Index(fields=['place', '-day'], name='compliance_signal_of_place')],
                'constraints': [models.UniqueConstraint(fields=('patient', 'record', 'request', 'code'), name='compliance_signal_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('record', None), ('request__isnull', False)), models.Q(('record__isnull', False), ('request', None)), _connector='OR'), name='compliance_signal_raised_by_one')],
            },
        ),
    ]
