"""Who has no e-mail address is invited by a printed letter with a code, of which a keyed hash is kept."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0010_places'),
    ]

    operations = [
        migrations.AddField('invitation', 'code_digest', models.CharField(blank=True, db_default='', default='', max_length=64)),
        migrations.AddConstraint('invitation', models.UniqueConstraint(condition=~Q(code_digest=''), fields=('code_digest',), name='invitation_code_once')),
    ]
