"""The language in which the owner of an account wants to be addressed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_user_name'),
    ]

    operations = [
        migrations.AddField('user', 'language', models.CharField(blank=True, db_default='', default='', max_length=2)),
        migrations.AddConstraint(
            'user', models.CheckConstraint(condition=models.Q(('language__in', ('', 'en', 'es'))), name='user_language_listed'),
        ),
    ]
