"""Every table of the program is compared with the records that it follows from, or says why it follows from none."""

from collections.abc import Mapping

import pytest
from django.apps import apps
from django.db import models

from compliance.models import Authorization, ComplianceCase, PatientStatus, PregnancyCase
from tests.compliance.projected_columns import CASES

#: Compared by `rebuild_status --check`, by `rebuild_figures --check`, or by `verify_log`.
STATUS, FIGURES, LOG = "rebuild_status", "rebuild_figures", "verify_log"

#: Each table: what compares it, or why it is no projection.
TABLES: Mapping[str, str] = {
    "accounts.CalendarFeed": "a secret address, of which the log says that it was made",
    "accounts.RateLimitCount": "counts of attempts, until their time is over",
    "accounts.SigningLockout": "failed attempts, of which the log has the last",
    "accounts.SurveyOffer": "from which day an account is asked again, which is no record",
    "accounts.TextNumber": "what an account's owner chose",
    "accounts.User": "an account's own state; its log says what happened to it, not what it is",
    "compliance.Authorization": STATUS,
    "compliance.ColumnCheck": "what the comparison itself has found",
    "compliance.ComplianceCase": STATUS,
    "compliance.ComplianceSignal": FIGURES,
    "compliance.Draft": "answers before they are records",
    "compliance.FigureProgress": FIGURES,
    "compliance.MonthlyFigure": FIGURES,
    "compliance.PatientStatus": STATUS,
    "compliance.PdfJob": "work that is to be done",
    "compliance.PregnancyCase": STATUS,
    "compliance.Proposal": "what one officer asked and another has to confirm, before it is a record",
    "compliance.SignedPdf": LOG,
    "compliance.SurveySum": "sums of answers that nobody wrote down one by one (decision 38)",
    "compliance.WhatIf": "a question of the office and its answer, of the day on which it was asked",
    "ledger.AccessEvent": "who viewed a record: a log of its own",
    "ledger.Checkpoint": LOG,
    "ledger.CheckpointLeaf": LOG,
    "ledger.CheckpointTree": LOG,
    "ledger.ErasableText": LOG,
    "ledger.LogRecord": LOG,
    "ledger.LoggedRequest": "the requests: a log of its own",
    "ledger.MinuteCheckpoint": LOG,
    "notifications.Choice": "what an account's owner chose",
    "outbox.CapturedEmail": "e-mails of the demo",
    "outbox.CapturedText": "text messages of the demo",
    "outbox.Heartbeat": "when the worker did its tasks",
    "outbox.Message": "messages and what became of them",
    "outbox.UnreachableAddress": "what a mail server answered",
    "patients.Delegate": STATUS,
    "patients.Designee": "an account's place; the account's log says that it was added or ended",
    "patients.Guardian": STATUS,
    "patients.HeldEnrolment": "what waits for the office, before there is a patient",
    "patients.Invitation": "a letter and its link",
    "patients.Patient": STATUS,
    "patients.Pharmacist": "an account's place; the account's log says that it was added or ended",
    "patients.Pharmacy": STATUS,
    "patients.Prescriber": STATUS,
}
OWN = ("accounts", "compliance", "ledger", "notifications", "outbox", "patients")


def test_every_table_is_compared_or_says_why_not() -> None:
    assert {model._meta.label for app in OWN for model in apps.get_app_config(app).get_models()} == TABLES.keys()


def test_every_table_that_is_compared_is_changed_in_a_test() -> None:
    changed = {table for table, *_rest in CASES}
    compared = {apps.get_model(label)._meta.db_table for label, by in TABLES.items() if by == STATUS}
    assert changed == compared


#: What does not follow from the log: ids, and how often working a status out has failed.
_OWN_COLUMNS = {"id", "failures"}


@pytest.mark.parametrize("model", [Authorization, ComplianceCase, PatientStatus, PregnancyCase])
def test_every_column_of_a_projection_is_changed_in_a_test(model: type[models.Model]) -> None:
    """A column that is added and not compared has no case that names it."""
    changed = {column for table, _row, column, *_rest in CASES if table == model._meta.db_table}
    columns = {field.column for field in model._meta.concrete_fields if not field.primary_key}
    assert columns - changed <= _OWN_COLUMNS
