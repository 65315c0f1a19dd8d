"""The language in which a patient and a guardian want to be addressed, as the practice was told."""

from django.db import migrations, models

LANGUAGES = ('', 'en', 'es')


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0011_letters'),
    ]

    operations = [
        operation
        for name in ('patient', 'guardian')
        for operation in (
            migrations.AddField(name, 'language', models.CharField(blank=True, db_default='', default='', max_length=2)),
            migrations.AddConstraint(
                name,
                models.CheckConstraint(condition=models.Q(('language__in', LANGUAGES)), name=f'{name}_language_listed'),
            ),
        )
    ]
