"""Structured log lines, without anything that names a person: paths are logged, query strings and users are not."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
]

#: What a request's log line must never carry.
_NEVER = ("ip", "user_id", "user_agent")


def _without_people(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in _NEVER:
        event.pop(name, None)
    return event


#: Links that open something to whoever has them: what follows these words in a path.
_SECRET = re.compile(r"(password/reset/key/|invitation/|welcome/)[^/\s]+")


#: PostgreSQL's explanation of an error quotes the row: names, addresses, whatever stood in it.
_QUOTED_ROW = re.compile(r"DETAIL:.*?(?=\n\n|\nTraceback |\Z)", re.DOTALL)


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _QUOTED_ROW.sub("DETAIL: ***", _SECRET.sub(r"\1***", value))
    return event


def formatter() -> logging.Formatter:
    """One JSON object a line, for structlog's own events and for everybody else's."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_people,
            structlog.processors.format_exc_info,
            _without_secrets,
            structlog.processors.JSONRenderer(),
        ],
    )


def configure() -> None:
    """Make structlog write through the standard library's logging."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
