"""Operations of migrations that rename constraints, triggers, and what PostgreSQL itself named after a table or column.

Nothing is made anew: rows, rights and triggers stay as they are.
"""

from collections.abc import Mapping
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_FOLLOW = """
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT conname FROM pg_constraint
        WHERE conrelid = '{table}'::regclass AND starts_with(conname, '{old}_')
    LOOP
        EXECUTE format('ALTER TABLE {table} RENAME CONSTRAINT %I TO %I',
            name, left('{new}' || substr(name, {rest}), 63));
    END LOOP;
    FOR name IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('i', 'S') AND starts_with(relname, '{old}_')
    LOOP
        EXECUTE format('ALTER TABLE %I RENAME TO %I', name, left('{new}' || substr(name, {rest}), 63));
    END LOOP;
END $$;
"""


def follow_table(old: str, new: str) -> migrations.RunSQL:
    """Rename constraints, indexes and sequences that are named after table `old`, which is called `new` by now."""
    return migrations.RunSQL(_follow(new, old, new), _follow(new, new, old))


def follow_column(table: str, old: str, new: str) -> migrations.RunSQL:
    """Rename constraints that are named after column `old`, which is called `new` by now."""
    before, after = f"{table}_{old}", f"{table}_{new}"
    return migrations.RunSQL(_follow(table, before, after), _follow(table, after, before))


def rename_triggers(table: str, names: Mapping[str, str]) -> migrations.RunSQL:
    """Rename triggers of a table, by their old names."""
    return migrations.RunSQL(
        [f"ALTER TRIGGER {old} ON {table} RENAME TO {new}" for old, new in names.items()],
        [f"ALTER TRIGGER {new} ON {table} RENAME TO {old}" for old, new in names.items()],
    )


class RenameConstraint(Operation):
    """Rename a constraint of a model, which Django itself would drop and add, and check on every row."""

    def __init__(self, model_name: str, old_name: str, new_name: str) -> None:
        self.model_name, self.old_name, self.new_name = model_name, old_name, new_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """By what the operation is made again."""
        return type(self).__name__, [self.model_name, self.old_name, self.new_name], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The model has the constraint under its new name."""
        self._rename(app_label, state, self.old_name, self.new_name)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """The table has it as well."""
        self._alter(app_label, schema_editor, to_state, self.old_name, self.new_name)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Back to the old name."""
        self._alter(app_label, schema_editor, to_state, self.new_name, self.old_name)

    def _rename(self, app_label: str, state: ProjectState, old: str, new: str) -> None:
        key = app_label, self.model_name.lower()
        options = state.models[key].options
        renamed = []
        for constraint in options["constraints"]:
            copy = constraint.clone()
            copy.name = new if copy.name == old else copy.name
            renamed.append(copy)
        options["constraints"] = renamed
        state.reload_model(*key, delay=True)

    def _alter(self, app_label: str, editor: BaseDatabaseSchemaEditor, state: Any, old: str, new: str) -> None:
        table = state.apps.get_model(app_label, self.model_name)._meta.db_table
        quoted = [editor.quote_name(name) for name in (table, old, new)]
        editor.execute("ALTER TABLE {} RENAME CONSTRAINT {} TO {}".format(*quoted))

    def describe(self) -> str:
        """What it does, for the list of migrations."""
        return f"Rename constraint {self.old_name} on {self.model_name} to {self.new_name}"


def _follow(table: str, old: str, new: str) -> str:
    return _FOLLOW.format(table=table, old=old, new=new, rest=len(old) + 1)
