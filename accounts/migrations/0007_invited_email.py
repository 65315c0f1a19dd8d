"""An account that somebody else made has no address of its own until the link that goes to it was opened."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_standard_names'),
    ]

    operations = [
        migrations.AddField('user', 'invited_email', models.EmailField(blank=True, db_default='', max_length=254)),
        migrations.AlterField('user', 'email', models.EmailField(blank=True, max_length=254)),
        migrations.AddConstraint('user', models.CheckConstraint(condition=Q(invited_email=Lower('invited_email')), name='user_invited_email_lower_case')),
        migrations.AddConstraint('user', models.CheckConstraint(condition=Q(email='') | Q(invited_email=''), name='user_email_or_invited_email')),
        migrations.AddConstraint('user', models.UniqueConstraint(condition=~Q(email=''), fields=('email',), name='user_email_once')),
    ]
