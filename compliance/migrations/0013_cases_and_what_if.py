"""The office's cases of pregnancies, and what another edition would have answered.

`manage.py rebuild_status` makes the cases of before.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0012_figures'),
        ('patients', '0015_lists_by_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='PregnancyCase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('record', models.PositiveIntegerField()),
                ('found_at', models.DateTimeField()),
                ('found_by', models.CharField(max_length=8)),
                ('phase', models.CharField(max_length=20)),
                ('outcome', models.CharField(max_length=24)),
                ('exposure', models.CharField(max_length=16)),
                ('cause', models.CharField(max_length=24)),
                ('followed_at', models.DateTimeField(null=True)),
                (
                    'patient',
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name='pregnancies', to='patients.patient'
                    ),
                ),
            ],
            options={
                'indexes': [
                    models.Index(
                        fields=['found_at', 'id'], condition=Q(('outcome', 'pending')), name='pregnancy_case_open'
                    ),
                    models.Index(fields=['-found_at', 'id'], name='pregnancy_case_newest'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('patient', 'record'), name='pregnancy_case_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='WhatIf',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('edition', models.CharField(max_length=16)),
                ('asked_by', models.UUIDField()),
                ('asked_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('total', models.PositiveIntegerField()),
                ('looked_at', models.PositiveIntegerField(default=0)),
                ('looked_up_to', models.UUIDField(default=uuid.UUID(int=0))),
                ('fills', models.PositiveIntegerField(default=0)),
                ('same', models.PositiveIntegerField(default=0)),
                ('earlier', models.PositiveIntegerField(default=0)),
                ('later', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('differing', models.JSONField(default=list)),
            ],
            options={
                'indexes': [models.Index(fields=['-asked_at', 'id'], name='what_if_newest')],
            },
        ),
    ]
