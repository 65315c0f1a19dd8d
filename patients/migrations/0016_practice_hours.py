"""When a practice answers its telephone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0015_lists_by_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='prescriber',
            name='hours',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
    ]
