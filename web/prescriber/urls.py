"""Addresses of the prescriber's pages."""

from django.urls import path

from . import guardians, laboratory_schedule, letters, noncompliance, recertification, transfers, views

app_name = "prescriber"
urlpatterns = [
    path("", views.home, name="home"),
    path("enrol/", views.enrol, name="enrol"),
    path("practice/", views.practice, name="practice"),
    path("practice/contact/", views.practice_contact, name="practice_contact"),
    path("practice/laboratory/", laboratory_schedule.laboratory_schedule, name="laboratory_schedule"),
    path("practice/attest/", recertification.recertify, name="recertify"),
    path("practice/apply/", recertification.apply_again, name="apply_again"),
    path("practice/letters/", noncompliance.cases, name="cases"),
    path("practice/letters/<int:number>/", noncompliance.case, name="case"),
    path("practice/letters/<int:number>/<int:letter>/", noncompliance.letter, name="case_letter"),
    path("practice/letters/<int:number>/<slug:step>/", noncompliance.answer, name="answer_case"),
    path("practice/delegates/", transfers.add_delegate, name="add_delegate"),
    path("practice/delegates/<uuid:delegate>/end/", transfers.end_delegate, name="end_delegate"),
    path("practice/designees/<uuid:designee>/close/", views.deactivate_designee, name="deactivate_designee"),
    path("offers/", transfers.offered_to_me, name="transfers"),
    path("offers/<uuid:patient>/", transfers.answer_transfer, name="answer_transfer"),
    path("moved/<uuid:patient>/", transfers.take_back, name="take_back"),
    path("patients/<uuid:patient>/", views.patient, name="patient"),
    path("patients/<uuid:patient>/invite/", views.invite, name="invite"),
    path("patients/<uuid:patient>/invite/<uuid:guardian>/", views.invite, name="invite_guardian"),
    path("patients/<uuid:patient>/letter/", letters.letter, name="letter"),
    path("patients/<uuid:patient>/letter/<uuid:guardian>/", letters.letter, name="guardian_letter"),
    path("patients/<uuid:patient>/guardians/", guardians.add, name="name_guardian"),
    path("patients/<uuid:patient>/guardians/<uuid:guardian>/", guardians.correct, name="correct_guardian"),
    path("patients/<uuid:patient>/guardians/<uuid:guardian>/replace/", guardians.replace, name="replace_guardian"),
    path("patients/<uuid:patient>/guardians/<uuid:guardian>/end/", guardians.end, name="end_guardian"),
    path("patients/<uuid:patient>/void/<int:number>/", views.void_entry, name="void_entry"),
    path("patients/<uuid:patient>/stopped/", views.stopped, name="stopped"),
    path("patients/<uuid:patient>/<slug:slug>/", views.entry, name="entry"),
]
