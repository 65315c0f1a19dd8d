"""The program is a fact of each status. Until now there was one."""

from django.db import migrations, models

FIRST_PROGRAM = "isotretinoin-us"
PROGRAM_CODE = "^[a-z0-9]+(-[a-z0-9]+)*$"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0004_standard_names"), ("patients", "0006_program")]

    operations = [
        migrations.AddField(
            "patientstatus", "program", models.CharField(max_length=32, default=FIRST_PROGRAM), preserve_default=False
        ),
        migrations.AddConstraint(
            "patientstatus",
            models.CheckConstraint(
                condition=models.Q(program__regex=PROGRAM_CODE), name="patient_status_program_code"
            ),
        ),
    ]
