"""Who was invited to sign, and the guardians, on the prescriber's page of a patient."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.commands.invitations import over, under_age
from compliance.commands.letters import needs_letter
from compliance.records.columns import ended_guardians
from compliance.words.choices import SIGNER
from compliance.words.gate import INVITED, NO_LETTER
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
    #: Whether a letter is printed there, instead of a mail being sent.
    by_letter: bool = False
    #: Whether nothing can be sent to them; and, so that the practice can remind them of it, their user name.
    unwritten: bool = False
    user_name: str = ""
    #: Where a guardian is called.
    phone: str = ""
    #: Whether nobody has printed the letter yet, without which they cannot act.
    is_uninvited: bool = False
    #: What can be done about a guardian: label, address.
    links: tuple[tuple[Words, str], ...] = ()


def invitation_lines(ctx: PatientContext) -> list[InvitationLine]:
    """Whoever still has to open an account, or cannot be written to, and each guardian.

    Two queries, however many there are.
    """
    patient = ctx.patient
    latest = {row.guardian_id: row for row in Invitation.objects.filter(patient=patient).order_by("sent_at", "id")}
    lines = []
    of_age = not under_age(patient.born_on, ctx.at, ctx.program)
    if patient.user_id is None or not patient.email:
        lines.append(_line_of(patient, None, latest.get(None), ctx.at))
    ended = ended_guardians(ctx.file.entries)
    # Loaded once for the whole page.
    for guardian in sorted(patient.guardians.all(), key=lambda row: row.pk):
        if guardian.pk in ended:
            continue
        if of_age:
            line = InvitationLine(SIGNER["guardian"], guardian.name)
        else:
            line = _line_of(patient, guardian, latest.get(guardian.pk), ctx.at)
        links = _guardian_links(patient, guardian, of_age=of_age)
        lines.append(replace(line, links=links, phone=guardian.phone))
    return lines


def _guardian_links(patient: Patient, guardian: Guardian, *, of_age: bool) -> tuple[tuple[Words, str], ...]:
    """What the practice can put right about a guardian; who is of age gets no other."""
    parts = {"patient": patient.pk, "guardian": guardian.pk}
    names = {"correct_guardian": _("Correct"), "replace_guardian": _("Replace"), "end_guardian": _("End")}
    if of_age:
        del names["replace_guardian"]
    return tuple((label, reverse(f"prescriber:{name}", kwargs=parts)) for name, label in names.items())


def _line_of(patient: Patient, guardian: Guardian | None, latest: Invitation | None, at: datetime) -> InvitationLine:
    person = guardian or patient
    user = person.user
    line = InvitationLine(
        SIGNER["guardian" if guardian else "patient"], guardian.name if guardian else "", unwritten=not person.email,
        user_name=user.user_name if user else "",
    )  # fmt: skip
    by_letter = needs_letter(person)
    if user is not None and not by_letter:
        return line
    code = over(latest, at) if latest else None
    is_uninvited = by_letter and (latest is None or code == "invitation-used")
    tone, state = NO_LETTER if is_uninvited else INVITED[code]
    expired_at = latest.expires_at if latest and code == "invitation-expired" else None
    return replace(
        line, tone=tone, state=state, expired_at=expired_at, url=_url(patient, guardian, by_letter=by_letter),
        by_letter=by_letter, is_uninvited=is_uninvited,
    )  # fmt: skip


def _url(patient: Patient, guardian: Guardian | None, *, by_letter: bool) -> str:
    """Where it is sent again, or printed."""
    if guardian is None:
        return reverse("prescriber:letter" if by_letter else "prescriber:invite", kwargs={"patient": patient.pk})
    name = "prescriber:guardian_letter" if by_letter else "prescriber:invite_guardian"
    return reverse(name, kwargs={"patient": patient.pk, "guardian": guardian.pk})


def name_guardian_url(ctx: PatientContext) -> str:
    """Where a guardian of a minor is named; empty for a patient of age."""
    if not under_age(ctx.patient.born_on, ctx.at, ctx.program):
        return ""
    return reverse("prescriber:name_guardian", kwargs={"patient": ctx.patient.pk})
