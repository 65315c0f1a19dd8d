"""The search for names that are alike: trigrams, and the names' keys brought to their new form."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from patients.names import name_key

BATCH = 2000


def renew_keys(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Names that were erased have no key, and get none."""
    patients = apps.get_model("patients", "Patient").objects.using(editor.connection.alias)
    changed = []
    for row in patients.exclude(name_key="").only("given_name", "family_name", "name_key").iterator(BATCH):
        key = name_key(row.given_name, row.family_name)
        if key != row.name_key:
            row.name_key = key
            changed.append(row)
        if len(changed) == BATCH:
            patients.bulk_update(changed, ["name_key"])
            changed.clear()
    patients.bulk_update(changed, ["name_key"])


class Migration(migrations.Migration):
    dependencies = [("patients", "0006_program")]

    operations = [TrigramExtension(), migrations.RunPython(renew_keys, migrations.RunPython.noop)]
