"""The time zone in which the owner of an account reads."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_text_number'),
    ]

    operations = [
        migrations.AddField('user', 'zone', models.CharField(blank=True, db_default='', default='', max_length=64)),
        migrations.AddConstraint(
            'user', models.CheckConstraint(condition=models.Q(('zone__regex', '^[A-Za-z0-9_+/-]*$')), name='user_zone_form'),
        ),
    ]
