"""Pages that say no: in a run that is not of everything each is drawn once, as nothing of the request stands there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from django.template.base import Template
from django.template.context import BaseContext
from django.utils.safestring import SafeString

from tests import amount

#: The pages of errors, by the names that Django and our middleware have for them.
_ERRORS = ("errors/", "403.html", "404.html")


@contextmanager
def drawn_once() -> Iterator[None]:
    """Within it one reader, in one language, is shown each of these pages once; then its answer has no words."""
    draw: Callable[[Template, BaseContext], SafeString] = Template._render  # type: ignore[attr-defined]
    drawn = set[str]()

    def render(template: Template, context: BaseContext) -> SafeString:
        name = template.name or ""
        if not name.startswith(_ERRORS) or amount.EVERYTHING:
            return draw(template, context)
        if name in drawn:
            return SafeString("")
        words = draw(template, context)
        drawn.add(name)
        return words

    with mock.patch.object(Template, "_render", render):
        yield
