"""The blocks of each checkpoint's tree, by which the proofs of one log are made without reading all."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0011_lists_by_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='CheckpointTree',
            fields=[
                ('checkpoint', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('blocks', models.BinaryField()),
            ],
        ),
    ]
