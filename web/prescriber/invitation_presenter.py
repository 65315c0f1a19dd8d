"""Who was invited to sign, and the guardians, on the prescriber's page of a patient."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.commands.invitations import over, under_age
from compliance.records.columns import ended_guardians
from compliance.words.choices import SIGNER
from compliance.words.gate import INVITED
from patients.models import Guardian, Invitation, Patient
from ui.navigation import Words
from web.shared.common import PatientContext


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """The patient or a guardian, who were invited; the latest invitation, and where it is sent again."""

    who: Words
    name: str
    #: Nothing is told, and nothing sent, once there is an account.
    tone: str = ""
    state: Words = ""
    expired_at: datetime | None = None
    url: str = ""
    #: What can be done about a guardian: label, address.
    links: tuple[tuple[Words, str], ...] = ()


def invitation_lines(ctx: PatientContext) -> list[InvitationLine]:
    """Whoever still has to open an account, and each guardian. Two queries, however many there are."""
    patient = ctx.patient
    latest = {row.guardian_id: row for row in Invitation.objects.filter(patient=patient).order_by("sent_at", "id")}
    lines = []
    of_age = not under_age(patient.born_on, ctx.at, ctx.program)
    if patient.user_id is None:
        url = reverse("prescriber:invite", kwargs={"patient": patient.pk})
        lines.append(_invitation_line(SIGNER["patient"], "", latest.get(None), url, ctx.at))
    ended = ended_guardians(ctx.file.entries)
    for guardian in patient.guardians.exclude(pk__in=ended).order_by("id"):
        if guardian.user_id is not None or of_age:
            line = InvitationLine(SIGNER["guardian"], guardian.name)
        else:
            url = reverse("prescriber:invite_guardian", kwargs={"patient": patient.pk, "guardian": guardian.pk})
            line = _invitation_line(SIGNER["guardian"], guardian.name, latest.get(guardian.pk), url, ctx.at)
        lines.append(replace(line, links=_guardian_links(patient, guardian, of_age=of_age)))
    return lines


def _guardian_links(patient: Patient, guardian: Guardian, *, of_age: bool) -> tuple[tuple[Words, str], ...]:
    """What the practice can put right about a guardian; who is of age gets no other."""
    parts = {"patient": patient.pk, "guardian": guardian.pk}
    names = {"correct_guardian": _("Correct"), "replace_guardian": _("Replace"), "end_guardian": _("End")}
    if of_age:
        del names["replace_guardian"]
    return tuple((label, reverse(f"prescriber:{name}", kwargs=parts)) for name, label in names.items())


def _invitation_line(who: Words, name: str, latest: Invitation | None, url: str, at: datetime) -> InvitationLine:
    code = over(latest, at) if latest else None
    tone, state = INVITED[code]
    expired_at = latest.expires_at if latest and code == "invitation-expired" else None
    return InvitationLine(who, name, tone, state, expired_at, url)


def name_guardian_url(ctx: PatientContext) -> str:
    """Where a guardian of a minor is named; empty for a patient of age."""
    if not under_age(ctx.patient.born_on, ctx.at, ctx.program):
        return ""
    return reverse("prescriber:name_guardian", kwargs={"patient": ctx.patient.pk})
