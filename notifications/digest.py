"""The digest: one letter a morning to each reader at a practice, of all that is due and can wait until then.

A message joins it when it is rendered, with its reader. Just before the digest goes each line is asked once more, with
the same queries however many there are; one that is due no more is left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from accounts.zones import zone_of
from compliance.records.columns import NotAsRecorded
from compliance.rules.blockers import PRESCRIBER
from compliance.words.notices import words_of
from outbox import digests
from outbox.channels import EMAIL
from outbox.models import Message
from ui import zone

from . import hours, preferences, unsubscribe
from .kinds import KINDS
from .recipients import Recipient, of_user, open_account
from .rendering import Content, ForReader, in_lines, no_more_of, render
from .sources import Sources

log = structlog.get_logger(__name__)

#: What renders a message that may be a line, with what was looked up for all lines.
LineRenderer = Callable[[Message, datetime, Sources], ForReader | None]

#: A digest that could not go in the morning waits for the end of the night, if it was not soon after.
_LATE = timedelta(hours=1)


def clock_of_practice(found: ForReader) -> ZoneInfo:
    """The zone of the practice's morning: that of its prescriber; of what is about no patient, its reader's own."""
    patient = found.content.patient
    return found.clock if patient is None else zone_of(patient.prescriber.user) or zone.program()


def join(line: Message, found: ForReader, at: datetime) -> datetime | None:
    """Put the message in its reader's next digest; when that goes. None where it would make no sense by then."""
    practice = clock_of_practice(found)
    for morning in _mornings(line, found, practice, at):
        if found.over_at is not None and found.over_at <= morning:
            return None
        day = morning.astimezone(practice).date()
        # A late one is due now: after all that has waited for it meanwhile.
        new = Message(
            key=f"{digests.DIGEST}:{found.reader.code}:{day}", kind=digests.DIGEST, due_at=max(morning, at),
            data={"account": found.reader.code},
        )  # fmt: skip
        if (row := digests.put_in(line, new, at=at)) is not None:
            return row.due_at
    return None


def _mornings(line: Message, found: ForReader, practice: ZoneInfo, at: datetime) -> Iterator[datetime]:
    """Of which mornings the digest may take it: of this one while it has not gone, which the worker may be late with;
    and of the next ones. One of them is open."""
    since = max(line.due_at, line.enqueued_at or line.due_at)
    morning = hours.following(since, hours.DIGEST, practice)
    if morning <= at:
        morning = hours.latest(at + timedelta(microseconds=1), hours.DIGEST, practice)
        if not is_held(morning, found.clock, at):
            yield morning
        morning = hours.following(at + timedelta(microseconds=1), hours.DIGEST, practice)
    for _ in range(3):
        yield morning
        morning = hours.following(morning + timedelta(microseconds=1), hours.DIGEST, practice)


def is_held(morning: datetime, clock: ZoneInfo, at: datetime) -> bool:
    """Whether that morning's digest is late, and it is night for its reader meanwhile."""
    return at > morning + _LATE and hours.is_quiet(at, clock)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What became of each line: it stands in the letter, is wanted no more, or goes by itself."""

    found: list[tuple[Message, ForReader]]
    dropped: list[Message]
    taken_out: list[Message]


def digest(message: Message, at: datetime, renderers: Mapping[str, LineRenderer]) -> ForReader | None:
    """The letter, of the lines that are still wanted; None where none is."""
    digests.begin(message)
    user, lines = open_account(message.data["account"]), list(digests.lines_of(message))
    if user is None:
        digests.take_out(lines, at=at)
        return None
    reader = of_user(user)
    asked = _by_email(_ask(lines, reader.code, renderers, at), reader)
    digests.drop(asked.dropped, at=at)
    digests.take_out(asked.taken_out, at=at)
    if not asked.found:
        return None
    lines_found = [(line.kind, one) for line, one in asked.found]
    content = Content(values={"{lines}": in_lines(lines_found)})
    return _with_ends(render(words_of(digests.DIGEST), reader, PRESCRIBER, content), lines_found)


def _with_ends(letter: ForReader, lines: list[tuple[str, ForReader]]) -> ForReader:
    """The letter, with a link for each kind in it that its reader may switch off, as an e-mail of its own has.

    Where nothing else is in it, the link stands in its headers too, for one click.
    """
    optional = [(kind, one) for kind, one in lines if not preferences.is_required(one.chosen_as, KINDS[kind])]
    if not optional:
        return letter
    boxes = dict.fromkeys(preferences.Box(one.chosen_as, kind, EMAIL) for kind, one in optional)
    links = {box: unsubscribe.link(letter.reader.owners[-1], box) for box in boxes}
    ends = no_more_of(optional, lambda kind, one: links[preferences.Box(one.chosen_as, kind, EMAIL)])
    is_all = len(links) == 1 and len(optional) == len(lines)
    return replace(letter, body=f"{letter.body}\n\n{ends}", unsubscribe=next(iter(links.values())) if is_all else "")


def _by_email(asked: _Asked, reader: Recipient) -> _Asked:
    """Without what its reader no longer wants by e-mail: that goes on by itself, by what they chose instead."""
    wanted = preferences.by_channel(reader, EMAIL, {(one.chosen_as, line.kind) for line, one in asked.found})
    still = [(line, one) for line, one in asked.found if (one.chosen_as, line.kind) in wanted]
    others = [line for line, one in asked.found if (one.chosen_as, line.kind) not in wanted]
    return replace(asked, found=still, taken_out=[*asked.taken_out, *others])


def _ask(lines: list[Message], reader: str, renderers: Mapping[str, LineRenderer], at: datetime) -> _Asked:
    """Ask each line whether it is still wanted. One that cannot be asked keeps the others from nothing."""
    asked, sources = _Asked([], [], []), Sources.of_all(lines, at)
    for line in lines:
        try:
            found = renderers[line.kind](line, at, sources)
        except (LookupError, ValueError, NotAsRecorded) as error:
            log.error("digest_line_failed", kind=line.kind, message=str(line.id), error=type(error).__name__)
            asked.taken_out.append(line)
            continue
        if found is None or found.reader.code != reader or (found.over_at is not None and at >= found.over_at):
            asked.dropped.append(line)
        else:
            asked.found.append((line, found))
    return asked
