"""From which day an account is offered a survey again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0015_zone'),
    ]

    operations = [
        migrations.CreateModel(
            name='SurveyOffer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('survey', models.CharField(max_length=32)),
                ('version', models.PositiveSmallIntegerField(null=True)),
                ('again_on', models.DateField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='survey_offers', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'survey'), name='survey_offer_once')],
            },
        ),
    ]
