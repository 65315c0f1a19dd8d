"""The guardians who stand beside a patient now."""

from compliance.records.columns import ended_guardians
from compliance.rules.consents import is_minor
from patients.models import Guardian
from web.shared.common import PatientContext


def standing_guardians(ctx: PatientContext) -> list[Guardian]:
    """Those whose part has not ended; none beside a patient who is of age. One query, or none."""
    if not is_minor(ctx.file.history(ctx.at)):
        return []
    return list(ctx.patient.guardians.exclude(pk__in=ended_guardians(ctx.file.entries)).order_by("id"))
