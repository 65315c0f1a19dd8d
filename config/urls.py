"""Every address. The counter's look-up is a POST; addresses carry random ids and nothing else."""

from django.urls import include, path

from config import health, mail_events, sms_events

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("health/worker", health.worker, name="worker"),
    path("health/signed-in", health.signed_in, name="signed_in"),
    path("metrics", health.metrics, name="metrics"),
    path("mail/events", mail_events.mail_events, name="mail_events"),
    path("sms/events", sms_events.sms_events, name="sms_events"),
    path("", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("", include("web.urls")),
]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.fault"
