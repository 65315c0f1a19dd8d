"""Addresses of the program office."""

from django.urls import path

from . import accounts, delivery, duplicates, erasures, handovers, linking, views

app_name = "office"
urlpatterns = [
    path("", views.home, name="home"),
    path("certifications/", views.certifications, name="certifications"),
    path("certifications/<slug:kind>/<uuid:subject>/suspend/", views.suspend, name="suspend"),
    path("certifications/<slug:kind>/<uuid:subject>/turn-down/", views.turn_down, name="turn_down"),
    path("certifications/<slug:kind>/<uuid:subject>/contact/", views.place_contact, name="place_contact"),
    path("certifications/<slug:kind>/<uuid:subject>/<slug:action>/", views.decide, name="decide"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<uuid:held>/", duplicates.decide_held, name="decide_held"),
    path("links/", linking.links, name="links"),
    path("links/waiting/<uuid:proposal>/", linking.confirm, name="confirm_link"),
    path("links/<uuid:patient>/end/", linking.end, name="end_link"),
    path("prescribers/", handovers.without_prescriber, name="without_prescriber"),
    path("prescribers/<uuid:prescriber>/", handovers.hand_over, name="hand_over"),
    path("overdue/", views.overdue, name="overdue"),
    path("late/", views.late, name="late"),
    path("erasures/", erasures.erasures, name="erasures"),
    path("erasures/<uuid:patient>/", erasures.confirm_erasure, name="confirm_erasure"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/find/", accounts.find, name="find_account"),
    path("accounts/officer/", accounts.add_officer, name="add_officer"),
    path("accounts/<uuid:account>/", accounts.account, name="account"),
    path("accounts/<uuid:account>/close/", accounts.deactivate, name="deactivate_account"),
    path("accounts/<uuid:account>/reopen/", accounts.reactivate, name="reactivate_account"),
    path("accounts/<uuid:account>/recover/", views.confirm_recovery, name="confirm_recovery"),
    path("request-log/", views.request_log, name="request_log"),
    path("delivery/", delivery.delivery, name="delivery"),
    path("outbox/", views.outbox, name="outbox"),
]
