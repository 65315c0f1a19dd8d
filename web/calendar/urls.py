"""Addresses of the reader's calendar. The secret one is cut out of every log line (`config.logs`)."""

from django.urls import path

from . import feed, views

app_name = "calendar"
urlpatterns = [
    path("", views.dates, name="dates"),
    path("off/", views.switch_off, name="switch_off"),
    path("date/<uuid:occasion>/", views.date, name="date"),
    path("feed/<str:token>.ics", feed.feed, name="feed"),
]
