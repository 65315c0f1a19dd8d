"""The channel of each message: an e-mail, as all were before, or a text message."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0006_lists_by_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='channel',
            field=models.CharField(db_default='email', default='email', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=Q(('channel__in', ('email', 'sms'))), name='message_channel_listed'),
        ),
    ]
