"""Addresses of texts and signed documents."""

from django.urls import path

from . import views

app_name = "documents"
urlpatterns = [
    path("", views.signed, name="signed"),
    path("guide/<slug:language>/", views.guide, name="guide"),
    path("text/<slug:code>/<int:version>/<slug:language>/", views.text, name="text"),
    path("text/<slug:code>/<int:version>/<slug:language>/file/", views.text_file, name="file"),
    path("<uuid:pdf>/", views.signed_pdf, name="signed_pdf"),
]
