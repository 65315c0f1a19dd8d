"""Messages that are shown once on the next page."""

from collections.abc import Sequence
from typing import Any

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage


class Storage(SessionStorage):
    """Waits on the server, not in a cookie. The same sentence, said by both clicks of a double click, waits once."""

    def _store(self, messages: Sequence[Message], response: Any, *args: Any, **kwargs: Any) -> list[Message]:
        each = {(message.level, str(message.message), message.extra_tags): message for message in reversed(messages)}
        kept = list(reversed(each.values()))
        left: list[Message] = super()._store(kept, response, *args, **kwargs)  # type: ignore[misc]  # not in the stubs
        return left
