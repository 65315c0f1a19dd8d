"""What is searched for stands in the session, since names are kept out of addresses.

The address holds a random handle of it, so that two windows may search for two people.
"""

import secrets

from django.contrib.sessions.backends.base import SessionBase

from accounts.sessions import SOUGHT
from patients.search import cleaned

#: So many searches are kept in a session.
_KEPT = 5


def remember(session: SessionBase, typed: str) -> str:
    """Keep what is searched for, and give its handle; an empty one where nothing is."""
    text = cleaned(typed)
    if not text:
        return ""
    kept = session.get(SOUGHT)
    rows = [row for row in kept if row[1] != text] if isinstance(kept, list) else []
    # Sent twice, the same search has one handle.
    handle = next((row[0] for row in kept if row[1] == text), "") if isinstance(kept, list) else ""
    session[SOUGHT] = [*rows[-(_KEPT - 1) :], [handle or secrets.token_hex(4), text]]
    return str(session[SOUGHT][-1][0])


def sought(session: SessionBase, handle: str) -> str:
    """What is searched for by that handle; nothing where the session has it no more."""
    kept = session.get(SOUGHT) if handle else None
    return next((str(text) for name, text in kept if name == handle), "") if isinstance(kept, list) else ""
