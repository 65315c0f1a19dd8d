"""Addresses of the reader's own account, beside those of signing in."""

from django.urls import path

from . import message_choices, text_number, views

app_name = "own_account"
urlpatterns = [
    path("name/", views.name, name="name"),
    path("address/", views.address, name="address"),
    path("user-name/", views.user_name, name="user_name"),
    path("address/<str:token>/", views.confirm_address, name="confirm_address"),
    path("phone/", views.phone, name="phone"),
    path("messages/", message_choices.choices, name="messages"),
    path("messages/off/<str:token>/", message_choices.switch_off, name="switch_off"),
    path("text-messages/", text_number.number, name="text_number"),
    path("text-messages/code/", text_number.code, name="text_code"),
    path("text-messages/remove/", text_number.remove, name="remove_text_number"),
    path("language/", views.language, name="language"),
    path("language/switch/", views.switch_language, name="switch_language"),
    path("colors/", views.switch_theme, name="switch_theme"),
]
