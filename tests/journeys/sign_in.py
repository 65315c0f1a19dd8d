"""A browser that has a session already: tests of pages need no sign-in by the form."""

from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from tests import factories


def browse_as(page: Page, live: str, who: User | str) -> Client:
    """Give the browser a new session of that account, or of the demo's with that name; and a client of the same one."""
    user = who if isinstance(who, User) else User.objects.get(email=f"{who}@demo.invalid")
    client = Client()
    factories.sign_in(client, user)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live}])
    return client
