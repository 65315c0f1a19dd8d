"""The app of the messages, and of what their readers chose."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Registers what renders each kind of message, and the page of them."""

    name = "notifications"

    def ready(self) -> None:
        """Register the renderers with the outbox, and `docs/reminders.md` with what writes it."""
        from compliance.management import pages
        from notifications import reminders_page, renderers

        renderers.register()
        pages.add("reminders.md", reminders_page.page)
