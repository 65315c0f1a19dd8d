"""Text messages as they would have been sent, for the outbox page of the demo."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0007_channel'),
    ]

    operations = [
        migrations.CreateModel(
            name='CapturedText',
            fields=[
                ('message', models.UUIDField(primary_key=True, serialize=False)),
                ('to', models.CharField(max_length=16)),
                ('text', models.TextField()),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-at'], name='captured_text_newest')],
            },
        ),
    ]
