"""Addresses of the patient's pages."""

from django.urls import path

from accounts.roles import PATIENT, for_roles

from . import (
    consent_views,
    feeling_views,
    health,
    medicine_views,
    month_views,
    own_copy,
    prescriber_views,
    urgent_views,
    views,
)

own = for_roles(PATIENT)

app_name = "patient"
urlpatterns = [
    path("", views.home, name="home"),
    path("record/", views.record, name="record"),
    path("record/record.json", own_copy.as_json, name="record_json"),
    path("record/record.pdf", own_copy.as_pdf, name="record_pdf"),
    path("card/", views.wallet_card, name="wallet_card"),
    path("record/access-log/", views.access_log_page, name="access_log"),
    path("sign/<slug:document>/", own(consent_views.overview), name="sign"),
    path("sign/<slug:document>/no/", own(consent_views.refuse), name="refuse"),
    path("sign/<slug:document>/<slug:language>/<int:section>/", own(consent_views.section), name="section"),
    path("sign/<slug:document>/<slug:language>/signature/", own(consent_views.signature), name="signature"),
    path("withdraw/<slug:document>/", own(consent_views.withdraw), name="withdraw"),
    path("prescriber/", prescriber_views.prescriber, name="prescriber"),
    path("prescriber/find/", prescriber_views.find_prescriber, name="find_prescriber"),
    path("prescriber/ask/<uuid:prescriber>/", prescriber_views.ask_prescriber, name="ask_prescriber"),
    path("prescriber/take-back/", prescriber_views.take_request_back, name="take_request_back"),
    path("medicine/", medicine_views.how_to_take, name="how_to_take"),
    path("guide/", medicine_views.open_guide, name="open_guide"),
    path("test/", views.booking, name="booking"),
    path("methods/", month_views.methods, name="methods"),
    path("questions/", month_views.questions, name="questions"),
    path("feeling/", feeling_views.feeling, name="feeling"),
    path("health/", health.health, name="health"),
    path("health/unchanged/", health.health_unchanged, name="health_unchanged"),
    path("help/", feeling_views.help_now, name="help_now"),
    path("side-effects/", feeling_views.side_effects, name="side_effects"),
    path("side-effects/what-to-do/", feeling_views.what_to_do, name="what_to_do"),
    path("urgent/", urgent_views.urgent, name="urgent"),
    path("urgent/<slug:what>/", own(urgent_views.problem), name="problem"),
    path("pregnant/", urgent_views.pregnant, name="pregnant"),
    path("mistake/", urgent_views.mistake, name="mistake"),
]
