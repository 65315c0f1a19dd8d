"""A guardian is called too, above all one who has no e-mail address."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0012_language'),
    ]

    operations = [
        migrations.AddField('guardian', 'phone', models.CharField(blank=True, db_default='', default='', max_length=32)),
    ]
