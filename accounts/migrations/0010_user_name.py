"""An account whose owner has no e-mail address signs in by a user name."""

from django.db import migrations, models
from django.db.models import Q

PATTERN = r'^[a-z][a-z0-9._-]{3,29}$'


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_places'),
    ]

    operations = [
        migrations.AddField('user', 'user_name', models.CharField(blank=True, db_default='', default='', max_length=30)),
        migrations.AddConstraint('user', models.CheckConstraint(condition=Q(user_name='') | Q(user_name__regex=PATTERN), name='user_user_name_form')),
        migrations.AddConstraint('user', models.CheckConstraint(condition=Q(user_name='') | Q(email=''), name='user_email_or_user_name')),
        migrations.AddConstraint('user', models.UniqueConstraint(condition=~Q(user_name=''), fields=('user_name',), name='user_user_name_once')),
        migrations.AddConstraint('user', models.CheckConstraint(condition=Q(password__startswith='!') | ~Q(email='') | ~Q(user_name=''), name='user_signs_in_by_something')),  # nosec B106
    ]
