"""Addresses of the guardian's pages."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from accounts.roles import GUARDIAN, for_roles
from web.guardian import views
from web.patient import consent_views
from web.shared.common import PatientOfAge


def own[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """For guardians, while the patient is under age; afterwards the way leads home, with the reason."""

    @for_roles(GUARDIAN)
    @wraps(view)
    def beside_a_minor(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except PatientOfAge:
            request = args[0]
            assert isinstance(request, HttpRequest)
            messages.info(request, _("An adult signs alone. There is nothing left for you to do there."))
            return redirect("guardian:home")

    return beside_a_minor


app_name = "guardian"
urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:patient>/sign/<slug:document>/", own(consent_views.overview), name="sign"),
    path("<uuid:patient>/withdraw/<slug:document>/", own(consent_views.withdraw), name="withdraw"),
    path("<uuid:patient>/sign/<slug:document>/no/", own(consent_views.refuse), name="refuse"),
    path(
        "<uuid:patient>/sign/<slug:document>/<slug:language>/<int:section>/", own(consent_views.section), name="section"
    ),
    path(
        "<uuid:patient>/sign/<slug:document>/<slug:language>/signature/", own(consent_views.signature), name="signature"
    ),
]
