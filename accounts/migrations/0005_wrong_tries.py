from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_lookups_paused'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='wrong_tries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='user',
            name='wrong_tries_known',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
