"""The prescriber attests for another year, or applies again."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import PRESCRIBER, for_roles
from compliance.commands import certifying
from ledger.clock import now
from patients.models import Prescriber
from web.shared.certification import NOT_TURNED_DOWN, YearlyForm, attest
from web.shared.common import reader_of


class RecertificationForm(YearlyForm):
    """What was attested at the beginning, once more."""

    document_code = "prescriber-attestation"
    records = certifying.RECERTIFICATION


@for_roles(PRESCRIBER)
def recertify(request: HttpRequest) -> HttpResponse:
    """Attest anew, which certifies the practice for another year. Nobody does it for another."""
    reader = reader_of(request)
    prescriber = get_object_or_404(Prescriber, user=reader)
    form = RecertificationForm(request.POST or None, reader=reader, subject=prescriber.pk, at=now())
    done = _("Thank you. Your attestation for another year is recorded.")
    back = (_("Practice"), reverse("prescriber:practice"))
    return attest(request, form, certifying.recertify, title=_("Certify for another year"), done=done, back=back)


class ApplyAgainForm(YearlyForm):
    """The application, once more."""

    submit = gettext_lazy("Apply again")
    document_code = "prescriber-attestation"
    records = certifying.APPLICATION


@for_roles(PRESCRIBER)
def apply_again(request: HttpRequest) -> HttpResponse:
    """Apply again after the program office has turned the practice down."""
    reader = reader_of(request)
    prescriber = get_object_or_404(Prescriber, user=reader)
    form = ApplyAgainForm(request.POST or None, reader=reader, subject=prescriber.pk, at=now())
    back = (_("Practice"), reverse("prescriber:practice"))
    return attest(
        request, form, partial(certifying.apply_again, kind="prescriber"), title=_("Apply again"), back=back,
        done=_("Thank you. The program office looks at your application again."), refused=NOT_TURNED_DOWN,
    )  # fmt: skip
