"""Structured log lines, without anything that names a person: paths are logged, query strings and users are not."""

import logging
import re
from collections.abc import Mapping, MutableMapping
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
_SECRET = re.compile(
    r"(password/reset/key/|invitation/|set-password/|join/|welcome/|register/(?:practice|pharmacy)/|calendar/feed/"
    r"|messages/off/)[^/\s]+"
)

#: What was asked after a path; and what a web server says of a request that is none: who sent it, and what.
_QUERY = re.compile(r"(/[^\s?]*)\?\S+")
_SENDER = re.compile(r"(Invalid request from )ip=\S+: ([^:'\"(]*).*", re.DOTALL)

#: PostgreSQL's explanation of an error quotes the row: names, addresses, whatever stood in it.
_QUOTED_ROW = re.compile(r"DETAIL:.*?(?=\n\n|\nTraceback |\Z)", re.DOTALL)

#: What is cut out of every line, and what is left in its place.
_CUT = (
    (_SECRET, r"\1***"), (_QUERY, r"\1?***"), (_SENDER, r"\1***: \2"), (_QUOTED_ROW, "DETAIL: ***"),
)  # fmt: skip


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            for pattern, left in _CUT:
                value = pattern.sub(left, value)
            event[name] = value
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


def handled(level: str, loggers: Mapping[str, Any]) -> dict[str, Any]:
    """What `logging.config.dictConfig` takes: every line of that level by `formatter`, to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.formatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": dict(loggers),
        "root": {"handlers": ["console"], "level": level},
    }


def configure() -> None:
    """Make structlog write through the standard library's logging, and Python's warnings too."""
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
