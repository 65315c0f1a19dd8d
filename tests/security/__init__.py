"""Access control, hostile input and disclosure: every address by every reader, every field by every value."""

from django.test import Client

from accounts.models import User
from tests import factories


def as_(user: User | None) -> Client:
    """A client of that person, or of nobody."""
    client = Client()
    if user is not None:
        factories.sign_in(client, user)
    return client
