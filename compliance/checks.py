"""System checks: conditions that must hold before any process starts."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import ProgrammingError

from compliance import documents
from compliance.documents import products
from compliance.rules.care.products import missing
from compliance.rules.records import Attested
from ledger.models import LogRecord


@register("documents")
def texts_are_as_published(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """A published text is never changed: what people signed must stay what they signed."""
    return [
        Error(
            f"The text {name} is not as it was published.",
            hint="Put it back, and publish what is new as a new version.",
            id="documents.E001",
        )
        for name in documents.changed()
    ]


@register("documents")
def products_are_complete(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Each product has its strengths and ingredients, each with its source: doses are worked out with them."""
    return [Error(f"The file of products: {lack}", id="documents.E003") for lack in missing(products.file())]


@register(Tags.database)
def texts_are_as_signed(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Each text that somebody signed is still here, with the very bytes that were signed.

    The list of what was published stands beside the texts and could be changed with them; the log could not.
    Asked when tables are made (`migrate`), and by `manage.py check --database default`.
    """
    return [error for alias in databases or () for error in _not_as_signed(alias)]


def _not_as_signed(alias: str) -> list[CheckMessage]:
    payload = [f"data__{name}" for name in ("document", "version", "language", "sha256")]
    attested = LogRecord.objects.using(alias).filter(kind=Attested.kind).order_by()
    try:
        signed = list(attested.values_list(*payload).distinct())
    except ProgrammingError:  # before the first migration there is no log
        return []
    return [
        Error(
            f"The text {document}/{version}/{language}.json is not the one that was signed (SHA-256 {sha256}).",
            hint="Put it back as it was, and publish what is new as a new version.",
            id="documents.E002",
        )
        for document, version, language, sha256 in signed
        if not documents.is_that(document, version, language, sha256)
    ]
