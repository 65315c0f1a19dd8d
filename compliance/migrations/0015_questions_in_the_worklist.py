"""Since which day a question waits for the practice. The sweep fills it after the release."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0013_cases_and_what_if'),
    ]

    operations = [
        migrations.AddField(
            model_name='patientstatus',
            name='asks_since',
            field=models.DateField(null=True),
        ),
    ]
