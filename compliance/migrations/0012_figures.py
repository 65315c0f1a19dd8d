"""Figures by month, of the program and of each practice and pharmacy, and up to which day they are counted."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0011_practice_acts_from'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='patientstatus',
            index=models.Index(fields=['stage', 'patient'], name='patient_status_of_stage'),
        ),
        migrations.CreateModel(
            name='FigureProgress',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('last_day', models.DateField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=Q(('id', 1)), name='figure_progress_once')],
            },
        ),
        migrations.CreateModel(
            name='MonthlyFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('figure', models.CharField(max_length=32)),
                ('place', models.UUIDField(null=True)),
                ('number', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['figure', 'month'], name='monthly_figure_of_places')],
                'constraints': [
                    models.UniqueConstraint(
                        fields=('figure', 'place', 'month'), name='monthly_figure_once', nulls_distinct=False
                    ),
                    models.CheckConstraint(condition=Q(('month__day', 1)), name='monthly_figure_first_of_month'),
                ],
            },
        ),
    ]
