"""Hundreds of thousands of patients, each with a log of 8 to 25 records, by COPY and in several processes.

Logs are made by the encoder of every other record, and statuses by the projection of every other status.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import count, repeat
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.models import User
from accounts.roles import PHARMACIST, PRESCRIBER
from compliance.records.programs import DEFAULT
from devtools.bench.bulk_stories import BORN, CERTIFIED, LONGEST_AGO, PACES, Cast, Story, certified, messages, story
from ledger import log
from ledger.actor import SYSTEM
from ledger.log import EMPTY, Row
from ledger.processes import call, pool
from ledger.progress import Progress
from patients.models import Pharmacist, Pharmacy, Prescriber
from patients.names import name_key
from patients.numbers import ALPHABET, LENGTH, check_character, npi_check_digit

#: Patients of one transaction; and of one practice, and of one pharmacy.
CHUNK, OF_PRACTICE, OF_PHARMACY = 500, 200, 500


@dataclass(frozen=True, slots=True)
class Places:
    """Whose patients they are, and where they get their product."""

    prescribers: Sequence[str]
    pharmacies: Sequence[str]


def seed_many(patients: int, now: datetime, *, processes: int = 2) -> float:
    """Add so many patients, with practices and pharmacies of their own; how many seconds it took."""
    begin = _begin()
    places = _places(patients, now)
    progress = Progress(patients, "patients")
    chunks = [(start, min(CHUNK, begin + patients - start)) for start in range(begin, begin + patients, CHUNK)]
    done = 0
    for added in _seeded(chunks, places, now, processes):
        done += added
        progress.at(done)
    return progress.seconds


def _seeded(chunks: Sequence[tuple[int, int]], places: Places, now: datetime, processes: int) -> Iterator[int]:
    if processes < 2:
        yield from (seed_chunk(chunk, places, now) for chunk in chunks)
        return
    with pool(processes) as workers:
        work = partial(call, __name__, seed_chunk.__name__)
        yield from workers.map(work, chunks, repeat(places), repeat(now))


# --- who they go to ----------------------------------------------------------------------------


_BULK = "bulk.invalid"


def _begin() -> int:
    """The number of the first patient: behind all for whom there are practices, also where an earlier run was ended."""
    return OF_PRACTICE * User.objects.filter(email__endswith=f"@{_BULK}", opened_as=PRESCRIBER).count()


def _places(patients: int, now: datetime) -> Places:
    prescribers = [_account(PRESCRIBER) for _ in range(-(-patients // OF_PRACTICE))]
    pharmacists = [_account(PHARMACIST) for _ in range(-(-patients // OF_PHARMACY))]
    npis = (_npi(place) for place in count(Prescriber.objects.count() + Pharmacy.objects.count()))
    shared = {"state": "approved", "program": DEFAULT.code}
    practices = [Prescriber(user=user, practice_name="B", npi=next(npis), **shared) for user in prescribers]
    pharmacies = [Pharmacy(name="B", npi=next(npis), **shared) for _ in pharmacists]
    with transaction.atomic():
        User.objects.bulk_create([*prescribers, *pharmacists], batch_size=1000)
        Prescriber.objects.bulk_create(practices, batch_size=1000)
        Pharmacy.objects.bulk_create(pharmacies, batch_size=1000)
        at_counter = [Pharmacist(user=u, pharmacy=p) for u, p in zip(pharmacists, pharmacies, strict=True)]
        Pharmacist.objects.bulk_create(at_counter, batch_size=1000)
        rows = [*_certified("prescriber", practices, now), *_certified("pharmacy", pharmacies, now)]
        _copy_records(rows)
    return Places([str(one.pk) for one in practices], [str(one.pk) for one in pharmacies])


def _account(role: str) -> User:
    user = User(email=f"{role}-{uuid4()}@{_BULK}", name="B", opened_as=role)
    user.set_unusable_password()
    return user


def _npi(place: int) -> str:
    body = f"2{place:08d}"
    return body + npi_check_digit(body)


def _certified(kind: str, places: Sequence[Prescriber] | Sequence[Pharmacy], now: datetime) -> Iterator[Row]:
    for place in places:
        yield from log.build(
            kind, place.pk, [certified(now)], head=EMPTY, by=SYSTEM, at=now - CERTIFIED, request_id=uuid4()
        )


# --- a chunk --------------------------------------------------------------------------------------


@cache
def _story(ago: int, pace: int, now: datetime) -> Story:
    return story(ago, pace, now)


def seed_chunk(chunk: tuple[int, int], places: Places, now: datetime) -> int:
    """Add the patients of so many numbers from one on, in one transaction; how many."""
    start, size = chunk
    told = [
        (_cast(place, places), _story(1 + place % LONGEST_AGO, _pace(place), now))
        for place in range(start, start + size)
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        _copy("patients_patient", _PATIENT, (_patient(cast, now) for cast, _ in told))
        _copy_records(row for cast, one in told for row in one.rows(cast))
        _copy("compliance_patientstatus", _STATUS, (_status(cast, one) for cast, one in told))
        _copy("compliance_authorization", _AUTHORIZATION, (row for cast, one in told for row in _fills(cast, one)))
        _copy("outbox_message", _MESSAGE, (row for cast, one in told for row in _sent(cast, one, now)))
    return size


def _pace(place: int) -> int:
    return PACES[place // LONGEST_AGO % len(PACES)]


def _cast(place: int, places: Places) -> Cast:
    return Cast(
        uuid4(), _number(place), places.prescribers[place % len(places.prescribers)],
        places.pharmacies[place % len(places.pharmacies)], f"B{place:09d}",
    )  # fmt: skip


def _number(place: int) -> str:
    """A patient's number of one's own: another for each place."""
    while True:
        body, rest = "", place
        for _ in range(LENGTH - 1):
            rest, character = divmod(rest, len(ALPHABET))
            body = ALPHABET[character] + body
        if (check := check_character(body)) is not None:
            return body + check
        place += 10_000_000


# --- COPY --------------------------------------------------------------------------------------------

_PATIENT = ("id", "number", "program", "given_name", "family_name", "name_key", "born_on", "email", "phone",
            "prescriber_id", "created_at")  # fmt: skip


#: Names are put together of these: of a million patients, a part of a name finds as many as among real ones.
_SYLLABLES = ("ba", "der", "gon", "han", "kil", "lo", "mar", "nes", "ru", "san", "ti", "vel")


@cache
def _name(place: int, syllables: int) -> str:
    """The name of so many syllables at that place."""
    rest, name = place, ""
    for _ in range(syllables):
        rest, one = divmod(rest, len(_SYLLABLES))
        name += _SYLLABLES[one]
    return name.capitalize()


def _patient(cast: Cast, now: datetime) -> list[Any]:
    place = int(cast.fills[1:])
    given, family = _name(place % 144, 2), _name(place // 144 % 12**4, 4)
    email = f"{cast.number.lower()}@{_BULK}"
    return [cast.patient, cast.number, DEFAULT.code, given, family, name_key(given, family), BORN, email, "",
            cast.prescriber, now]  # fmt: skip


_STATUS = ("patient_id", "program", "stage", "category", "window_first", "window_last", "blockers", "acts", "owed",
           "prescriber_acts_from", "designee_acts_from", "asks_since", "log_number", "editions", "assessed_at",
           "next_due_at")  # fmt: skip


def _status(cast: Cast, one: Story) -> list[Any]:
    columns = one.projection.columns
    return [cast.patient, *(_as_json(columns[name]) for name in _STATUS[1:])]


def _as_json(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


_AUTHORIZATION = ("id", "number", "patient_id", "pharmacy_id", "record", "issued_at", "first_day", "dispense_by",
                  "days_supply", "state", "handed_over_on", "entered_on")  # fmt: skip


def _fills(cast: Cast, one: Story) -> Iterator[list[Any]]:
    for row in one.authorizations:
        own = dict(row) | {"number": row["number"].replace("{fills}", cast.fills), "patient_id": cast.patient}
        own |= {"id": uuid4(), "pharmacy_id": cast.pharmacy}
        yield [own[name] for name in _AUTHORIZATION]


_MESSAGE = ("id", "key", "kind", "subject", "data", "due_at", "enqueued_at", "next_attempt_at", "delivered_at",
            "attempts", "last_error")  # fmt: skip


def _sent(cast: Cast, one: Story, now: datetime) -> Iterator[list[Any]]:
    for message in messages(one, cast):
        own = message | {"enqueued_at": now, "next_attempt_at": now, "delivered_at": now, "attempts": 1}
        own["last_error"] = ""
        yield [own[name] for name in _MESSAGE]


def _copy_records(rows: Iterable[Row]) -> None:
    _copy("ledger_record", Row._fields, (row._replace(data=json.dumps(row.data)) for row in rows))  # type: ignore[arg-type]


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([str(value) if isinstance(value, UUID) else value for value in row])
