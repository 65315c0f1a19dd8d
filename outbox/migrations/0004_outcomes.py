"""What became of each message, what was answered, and which addresses take nothing."""

from django.db import migrations, models

_KNOWN = """
UPDATE outbox_message SET outcome = CASE WHEN delivered_at IS NOT NULL THEN 'delivered' ELSE 'not-wanted' END
WHERE delivered_at IS NOT NULL OR dropped_at IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0003_heartbeats'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='outcome',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='message',
            name='answer',
            field=models.CharField(blank=True, db_default='', default='', max_length=80),
        ),
        migrations.AddField(
            model_name='message',
            name='provider_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.CreateModel(
            name='UnreachableAddress',
            fields=[
                ('mark', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
                ('answer', models.CharField(blank=True, max_length=80)),
            ],
        ),
        migrations.RunSQL(_KNOWN, migrations.RunSQL.noop),
    ]
