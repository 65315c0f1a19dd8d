"""The page `docs/reminders.md`: each kind of message in a line, from the table in the code."""

from collections.abc import Iterable, Iterator

from accounts.roles import DESIGNEE
from compliance.rules.blockers import PRESCRIBER
from outbox.digests import DIGEST

from .kinds import KINDS, SIDES, Kind

#: A line a point.
_HEAD = (
    "# Messages and reminders",
    "",
    "Made by `manage.py write_docs`, from `notifications/kinds.py`; do not edit.",
    "",
    "- **A row a kind.** A kind that follows from a patient's file has a function of its code in "
    "`compliance.rules.due.DUE`. It is pure: of an assessment it says which notices are due, or fall due if nothing "
    "is recorded. All other kinds are enqueued by a command, in its transaction. A test holds the table, the "
    "functions, the renderers and the words to each other (`tests/notifications/test_kinds.py`).",
    "- **Nothing is scheduled.** What is due is worked out whenever a file is projected; of practices and "
    "pharmacies, each hour (`notifications/places.py`). "
    "`compliance.rules.due.next_due` says at which instant to look again, and the sweep asks for those whose instant "
    "has come.",
    "- **Once.** The key of a message names patient, kind, occasion and side; it is unique. The occasion is a day, a "
    "number or a window that follows from the file, so that the same one has the same key whenever it is worked out. "
    "Where the patient was handed over since it fell due, the prescriber's key ends with who has the patient now: they "
    "hear what the one before was told, unless they were told it too.",
    "- **To each person once.** A side is divided into its people when the message is rendered "
    "(`notifications.recipients.divide`), not when it is enqueued: who has left since, or has come to cover, is right"
    " at that moment, and a decision at the counter asks nothing about recipients. The first of them takes the "
    "message; each other one gets one of their own, whose key ends with who it is.",
    "- **To whom.** Every guardian who signs; the prescriber, and everybody who covers; who is in charge at the "
    "pharmacy; each officer; a designee what they chose of the practice's messages about patients. No account that is "
    "closed. Where nobody of a practice is left, the office hears it once "
    "a day. Where no guardian can sign, the practice does.",
    '- **By the channels that are chosen.** Each reader chooses on the page "Your messages" what comes by e-mail and '
    "what as a text message (`notifications/preferences.py`); without a choice it is the first of the two that reaches "
    "them. It is asked just before sending. What the program requires goes by one channel at least; what may be "
    "switched off, and what designees get, only by those that are on. By each channel a message goes once: its key "
    "ends with the channel (`notifications/channels.py`). A text message is one neutral sentence with a link, and goes "
    "to a number that its owner confirmed by a code; to a patient and a guardian while the file has that number.",
    "- **By the other one, where it did not arrive.** An e-mail that is refused for good, comes back or is given up "
    "goes as a text message, and a text message as an e-mail, where the other one reaches its reader and was not "
    "switched off. By each channel once, whatever is told later. It is asked once more whether it is still wanted, and "
    "waits for the reader's hours. In the place of a digest goes one text. While an address or a number is known to "
    "take nothing, messages go by the other one from the start; a corrected address, or a number confirmed anew, is "
    "used again (`tests/notifications/test_in_place.py`).",
    "- **No more of these.** What may be switched off carries a link that does so without sign-in, and the headers for "
    "one click (RFC 8058, `notifications/unsubscribe.py`). A digest carries the link of each such kind that stands in "
    "it, once; and the headers, if nothing else does.",
    "- **Still wanted?** Each message that follows from a file is worked out once more before it is sent, and dropped"
    " if it is due no more.",
    "- **In which words.** In the reader's language; an invitation in English and Spanish while the language is not "
    "known. Days are the program's, named as New York time, with the reader's own beside them where a zone is known. "
    "To a patient and a guardian the message names the practice and its telephone, to staff the patient's number and "
    "initials; to nobody a drug, program, test, result or method. It links to the page, behind the sign-in.",
    "- **By whose clock.** An account keeps the zone that its owner's browser tells; while none is known it is the "
    "program's. By it a letter names days and times, and goes (`notifications/timing.py`). No zone decides anything of "
    "the program's.",
    "- **At nine.** The last call of a window goes at the reader's last 9:00 before the window ends. From then on the "
    "call of 24 hours before is not sent any more.",
    "- **Quiet hours.** From 21:00 to 8:00 of the reader nothing goes that can wait. It is put off until 8:00, which "
    "is no attempt, unless it would make no sense by then. At any hour goes what is urgent, and what is an answer "
    "to what the reader does now; an invitation while it is day for the reader or at the practice; and a "
    "checkpoint, which is kept where nobody of this installation can change it.",
    "- **One letter a morning.** What goes to a practice and is neither urgent nor an answer waits for the digest: one "
    "a reader and day, at 7:30 by the zone of the prescriber's account (`notifications/digest.py`). What closes first "
    "stands first. Just before it goes each line is asked once more, with the same queries however many they are; "
    "without a line nothing goes. What would make no sense by 7:30 goes at once and alone. A line is sent by nothing "
    "else, and has the outcome of its digest. A digest that the worker is late with goes later that day, not at night; "
    "what falls due after it was begun goes the next morning.",
    "",
    "In the demo: what a patient chose, the outbox page of the office, and a digest on it.",
    "",
    "| | | |",
    "|---|---|---|",
    '| ![The page "Your messages" on a phone](pictures/preferences.png) | ![Captured e-mails on the outbox page]'
    "(pictures/outbox.png) | ![A day's digest](pictures/digest.png) |",
)


def page() -> str:
    """The page as the code has it now."""
    from_file = [kind for kind in KINDS.values() if kind.from_file]
    others = [kind for kind in KINDS.values() if not kind.from_file]
    parts = [
        "\n".join((*_HEAD, "")),
        "\n".join(_table("From a patient's file", from_file)),
        "\n".join(_table("By a command", others)),
    ]
    return "\n".join(parts)


def _table(title: str, kinds: Iterable[Kind]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| kind | to | when | again | until | by | hours | |"
    yield "|---|---|---|---|---|---|---|---|"
    for kind in kinds:
        to = ", ".join(SIDES[side] for side in (*kind.to, *([DESIGNEE] if kind.for_designees else [])))
        channels = ", ".join([*kind.channels, *(f"else {channel}" for channel in kind.instead)])
        cells = (f"`{kind.code}`", to, _when(kind), kind.again, kind.until, channels, _hours(kind), _notes(kind))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _when(kind: Kind) -> str:
    return kind.when if kind.from_file else f"{kind.when} (`{kind.event}`)"


def _hours(kind: Kind) -> str:
    """At which hours it goes to whom."""
    if kind.at_any_hour:
        return "7:30 of the practice" if kind.code == DIGEST else "at once"
    if not kind.in_digest:
        return kind.goes
    return "digest" if kind.to == (PRESCRIBER,) else f"{kind.goes}; practice: digest"


def _notes(kind: Kind) -> str:
    """What is special about it: how urgent it is, and whether its reader may switch it off."""
    notes = ["urgent"] if kind.urgent else []
    notes += ["may be switched off"] if kind.optional else []
    return ", ".join(notes)
