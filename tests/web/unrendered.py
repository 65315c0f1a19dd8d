"""Pages without their words: for tests that look at what a page is made of, its context, and at nothing it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.template.base import Template
from django.template.context import BaseContext
from django.test.signals import template_rendered
from django.utils.safestring import SafeString


@contextmanager
def unrendered() -> Iterator[None]:
    """Within it a page's view does all that it does, and its template, the dearer half, is not rendered."""
    with mock.patch.object(Template, "_render", _told):
        yield


def _told(template: Template, context: BaseContext) -> SafeString:
    template_rendered.send(sender=template, template=template, context=context)
    return SafeString("")
