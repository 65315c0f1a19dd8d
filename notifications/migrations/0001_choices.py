"""What readers chose about the messages that they get."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.UUIDField()),
                ('side', models.CharField(max_length=12)),
                ('kind', models.CharField(max_length=40)),
                ('channel', models.CharField(max_length=10)),
                ('is_on', models.BooleanField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('owner', 'side', 'kind', 'channel'), name='choice_once'),
                    models.CheckConstraint(condition=Q(('channel__in', ('email', 'sms'))), name='choice_channel_listed'),
                ],
            },
        ),
    ]
