"""Addresses before signing in."""

from django.urls import path

from . import letters, views

app_name = "public"
urlpatterns = [
    path("words/", views.glossary, name="glossary"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("letter/", letters.letter, name="letter"),
    path("letter/account/", letters.account, name="letter_account"),
    path("set-password/<str:token>/", views.set_password, name="set_password"),
    path("join/<str:token>/", views.set_password, name="join"),
    # The address in mails from before the rename; their links live for `set_password_link.LIFETIME`.
    path("welcome/<str:token>/", views.set_password, name="set_password_old"),
    path("register/practice/", views.register_practice, name="register_practice"),
    path("register/pharmacy/", views.register_pharmacy, name="register_pharmacy"),
    path("register/letter/", views.registration_letter, name="registration_letter"),
    path("register/practice/<str:token>/", views.practice_registration, name="practice_registration"),
    path("register/pharmacy/<str:token>/", views.pharmacy_registration, name="pharmacy_registration"),
]
