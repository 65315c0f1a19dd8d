"""The number to which text messages to an account go, confirmed by a code."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_rate_limit_count'),
    ]

    operations = [
        migrations.CreateModel(
            name='TextNumber',
            fields=[
                ('user', models.OneToOneField(on_delete=models.deletion.CASCADE, primary_key=True, related_name='text_number', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('number', models.CharField(blank=True, default='', max_length=16)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('asked_number', models.CharField(blank=True, default='', max_length=16)),
                ('code', models.CharField(blank=True, default='', max_length=64)),
                ('code_until', models.DateTimeField(null=True)),
                ('wrong', models.PositiveSmallIntegerField(default=0)),
                ('sent', models.PositiveSmallIntegerField(default=0)),
                ('sent_since', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=Q(('asked_number', ''), _negated=True), fields=['asked_number'], name='text_number_asked')],
            },
        ),
    ]
