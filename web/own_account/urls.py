"""Addresses of the reader's own account, beside those of signing in."""

from django.urls import path

from . import views

app_name = "own_account"
urlpatterns = [
    path("name/", views.name, name="name"),
    path("address/", views.address, name="address"),
    path("user-name/", views.user_name, name="user_name"),
    path("address/<str:token>/", views.confirm_address, name="confirm_address"),
    path("phone/", views.phone, name="phone"),
    path("language/", views.language, name="language"),
]
