"""Addresses of the program office."""

from django.urls import path

from . import views

app_name = "office"
urlpatterns = [
    path("", views.home, name="home"),
    path("certifications/", views.certifications, name="certifications"),
    path("certifications/<slug:kind>/<uuid:subject>/suspend/", views.suspend, name="suspend"),
    path("certifications/<slug:kind>/<uuid:subject>/<slug:action>/", views.decide, name="decide"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/<uuid:held>/", views.decide_held, name="decide_held"),
    path("overdue/", views.overdue, name="overdue"),
    path("erasures/", views.erasures, name="erasures"),
    path("erasures/<uuid:patient>/", views.confirm_erasure, name="confirm_erasure"),
    path("attempts/", views.attempts, name="attempts"),
    path("outbox/", views.outbox, name="outbox"),
]
