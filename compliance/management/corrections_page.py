"""The page `docs/corrections.md`: what is put right, how, by whom, and what that does; all of it from the code."""

from collections.abc import Iterator

from accounts import events
from accounts.roles import NAMES, OFFICER
from compliance.commands.permissions import AT_REGISTRATION, WRITERS
from compliance.rules.authorizations import VOIDING_KINDS
from compliance.words.corrections import CORRECTIONS, EFFECTS, WAYS, Correction, Effects
from compliance.words.kinds import ACCOUNT_EVENTS, APPLICANT_LABELS, KIND_LABELS, PLACE_LABELS

_HEAD = """# How a wrong entry is put right

Made by `manage.py write_docs`, from the words, the permissions and the rules in the code; do not edit.

- Records are only ever added. Whatever is put right, the wrong entry stays in the log, with its date and author.
- A signed PDF keeps what it said on its day.
- Each page on which something is entered says below it how a wrong entry is put right (`web/shared/put_right.py`).
- A line of the record has a link to the way, for readers who may take it.
"""

_TITLES = {
    "patient": "A patient's file", "prescriber": "A practice", "pharmacy": "A pharmacy", "account": "An account",
}  # fmt: skip


def page() -> str:
    """The page as the code has it now."""
    parts = [_HEAD, *("\n".join(_table(subject)) for subject in CORRECTIONS), "\n".join(_effects())]
    return "\n".join(parts)


def _label(subject: str, kind: str) -> str:
    labels = KIND_LABELS | ACCOUNT_EVENTS if subject in ("patient", "account") else PLACE_LABELS | APPLICANT_LABELS
    return str(labels.get(kind) or KIND_LABELS[kind])


def _table(subject: str) -> Iterator[str]:
    yield f"## {_TITLES[subject]}\n"
    yield "| entry | put right | by whom | how |"
    yield "|---|---|---|---|"
    for kind, correction in CORRECTIONS[subject].items():
        cells = (WAYS[correction.way], ", ".join(_who(subject, correction)) or "—", correction.sentence)
        yield f"| {_label(subject, kind)} (`{kind}`) | " + " | ".join(str(cell) for cell in cells) + " |"
    yield ""


def places_of(subject: str, correction: Correction) -> list[tuple[str, str]]:
    """The kinds of record that put it right, each with the kind of log in which it stands."""
    placed = [(*name.rpartition("/")[::2],) for name in correction.by]
    return [(log or subject, kind) for log, kind in placed]


def writers_of(subject: str, kind: str) -> frozenset[str]:
    """The roles that write this kind; not an officer, who only lets through what a practice had entered."""
    if subject != "account":
        return WRITERS[subject][kind] - (frozenset({OFFICER}) if kind in AT_REGISTRATION else frozenset())
    return events.WRITERS.get(kind, frozenset()) | (frozenset({"owner"}) if kind in events.OWN_EVENTS else frozenset())


def _who(subject: str, correction: Correction) -> list[str]:
    roles = {role for log, kind in places_of(subject, correction) for role in writers_of(log, kind)}
    return sorted(str(NAMES.get(role, role)).lower() for role in roles)


def _effects() -> Iterator[str]:
    yield "## What putting right does\n"
    yield "Nothing but what stands here. A new authorization can be asked for as soon as nothing is missing.\n"
    yield "| record | open window | open authorization | open invitations | sessions |"
    yield "|---|---|---|---|---|"
    for name, effects in effects_in_order():
        log, _slash, kind = name.rpartition("/")
        cells = (effects.windows, _void(log, kind), effects.invitations, effects.sessions)
        yield f"| {_label(log or _log_of(kind), kind)} (`{name}`) | " + " | ".join(cells) + " |"
    yield ""


def _log_of(kind: str) -> str:
    return next(subject for subject in CORRECTIONS if kind in CORRECTIONS[subject])


def effects_in_order() -> list[tuple[str, Effects]]:
    """Each kind that puts another right, in the order of the tables."""
    needed = {
        f"{log}/{kind}" if f"{log}/{kind}" in EFFECTS else kind
        for subject, table in CORRECTIONS.items()
        for correction in table.values()
        for log, kind in places_of(subject, correction)
    }
    return [(name, effects) for name, effects in EFFECTS.items() if name in needed]


def _void(log: str, kind: str) -> str:
    if log or kind not in VOIDING_KINDS:
        return "reversed by it" if kind == "reversed" else "stays open"
    return "void, by a positive test" if kind == "pregnancy_test" else "void"
