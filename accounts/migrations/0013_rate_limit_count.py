"""The table in which the rate limits count: nothing is thrown out before its time, however much there is."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_calendar_feeds'),
    ]

    operations = [
        migrations.CreateModel(
            name='RateLimitCount',
            fields=[
                ('key', models.TextField(primary_key=True, serialize=False)),
                ('value', models.JSONField()),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
        ),
    ]
