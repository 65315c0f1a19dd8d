"""Addresses before signing in."""

from django.urls import path

from . import views

app_name = "public"
urlpatterns = [
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("welcome/<str:token>/", views.set_password, name="set_password"),
    path("register/practice/", views.register_practice, name="register_practice"),
    path("register/pharmacy/", views.register_pharmacy, name="register_pharmacy"),
]
