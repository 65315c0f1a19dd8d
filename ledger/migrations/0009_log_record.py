"""The model of the log's rows is called LogRecord; the table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0008_standard_names'),
    ]

    operations = [
        migrations.AlterModelTable('record', 'ledger_record'),
        migrations.RenameModel('Record', 'LogRecord'),
    ]
