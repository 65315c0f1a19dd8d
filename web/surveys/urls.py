"""Addresses of the yearly survey: the same for each reader who is offered one."""

from django.urls import path

from . import views

app_name = "surveys"
urlpatterns = [
    path("", views.survey, name="survey"),
    path("later/", views.later, name="later"),
    path("answers/", views.answers, name="answers"),
]
