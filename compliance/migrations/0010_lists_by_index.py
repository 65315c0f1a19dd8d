"""Indexes by which long lists are read, page by page."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0009_status_assessed_ahead'),
        ('patients', '0015_lists_by_index'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='authorization',
            index=models.Index(fields=['state', 'dispense_by'], name='authorization_overdue'),
        ),
    ]
