"""Addresses of the counter. The look-up is a POST: no number and no date of birth stands in an address."""

from django.urls import path

from . import authorization_views, day_sheet, noncompliance, training, views

app_name = "pharmacy"
urlpatterns = [
    path("", views.home, name="home"),
    path("answers/<uuid:key>/", views.answer, name="answer"),
    path("authorizations/", authorization_views.listing, name="list"),
    path("authorizations/reverse/", authorization_views.reverse_several, name="reverse_several"),
    path("authorizations/<uuid:authorization>/", authorization_views.authorization, name="authorization"),
    path("authorizations/<uuid:authorization>/dispense/", authorization_views.dispense, name="dispense"),
    path("authorizations/<uuid:authorization>/reverse/", authorization_views.reverse_it, name="reverse"),
    path("authorizations/<uuid:authorization>/label/", authorization_views.label, name="label"),
    path("authorizations/day/", day_sheet.day_sheet, name="day_sheet"),
    path("profile/", views.profile, name="profile"),
    path("profile/contact/", views.contact, name="contact"),
    path("profile/colleagues/<uuid:colleague>/close/", views.deactivate_colleague, name="deactivate_colleague"),
    path("profile/letters/", noncompliance.cases, name="cases"),
    path("profile/letters/<int:number>/", noncompliance.case, name="case"),
    path("profile/letters/<int:number>/<int:letter>/", noncompliance.letter, name="case_letter"),
    path("profile/letters/<int:number>/<slug:step>/", noncompliance.answer, name="answer_case"),
    path("profile/training/", training.training, name="training"),
    path("profile/apply/", views.apply_again, name="apply_again"),
]
