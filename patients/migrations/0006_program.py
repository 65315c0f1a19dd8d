"""The program is a fact of each file, practice and pharmacy. Until now there was one."""

from django.db import migrations, models

FIRST_PROGRAM = "isotretinoin-us"
PROGRAM_CODE = "^[a-z0-9]+(-[a-z0-9]+)*$"


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_failed_attempts")]

    operations = [
        operation
        for model in ("patient", "prescriber", "pharmacy")
        for operation in (
            migrations.AddField(
                model, "program", models.CharField(max_length=32, default=FIRST_PROGRAM), preserve_default=False
            ),
            migrations.AddConstraint(
                model,
                models.CheckConstraint(
                    condition=models.Q(program__regex=PROGRAM_CODE), name=f"{model}_program_code"
                ),
            ),
        )
    ]
