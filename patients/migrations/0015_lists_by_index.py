"""Indexes by which long lists are read, page by page."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0014_application_turned_down'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='pharmacy',
            index=models.Index(fields=['state', 'name', 'id'], name='pharmacy_listed'),
        ),
        migrations.AddIndex(
            model_name='prescriber',
            index=models.Index(fields=['state', 'practice_name', 'id'], name='prescriber_listed'),
        ),
    ]
