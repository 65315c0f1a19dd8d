"""Since which day a question waits for the practice. The sweep fills it after the release."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0014_noncompliance'),
    ]

    operations = [
        migrations.AddField(
            model_name='patientstatus',
            name='asks_since',
            field=models.DateField(null=True),
        ),
    ]
