"""Ask what another edition would have answered, and work it out: read only, patient by patient, in the worker."""

from collections import Counter
from datetime import datetime
from functools import partial
from uuid import UUID

from accounts.events import is_open, still_open
from accounts.roles import OFFICER
from compliance.models import WhatIf
from compliance.records.file import File, read_files_of
from compliance.records.programs import DEFAULT
from compliance.rules.editions import NoEdition, Program
from compliance.rules.history import History, read
from compliance.rules.what_if import SAME, FillAnswer, fill_answers
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from outbox.turns import Turn
from patients.models import Patient

from .decide import NotPermitted

#: How many patients are looked at; 0: all. Their ids are random, and so are the first of them.
SAMPLES = (100, 1000, 0)

#: So many files are read at a time.
BATCH = 10

#: So many fills that differ are kept by name.
KEPT = 200


def ask(*, edition: str, sample: int, by: Actor, at: datetime, key: UUID) -> UUID:
    """Ask for it; the id of the row that the worker fills in. Raises NotPermitted, NoEdition, KeyReused."""
    if by.role != OFFICER or sample not in SAMPLES:
        raise NotPermitted
    DEFAULT.edition(edition)
    request = Request(action="what-if", by=by, at=at, key=key, body={"edition": edition, "sample": sample})

    def work(_locked: None) -> Result:
        every = Patient.objects.count()
        row = WhatIf.objects.create(
            edition=edition, total=min(sample, every) if sample else every, asked_by=by.account, asked_at=request.at
        )
        return Result(answer={"what_if": str(row.pk)})

    return UUID(once(request, partial(_be_open, by), work, still=still_open(by))["what_if"])


def _be_open(by: Actor) -> None:
    """The account of who asks is open, and stays so until the end of the transaction. Raises NotPermitted."""
    if not is_open(by.account):
        raise NotPermitted


def work_out(*, at: datetime, turn: Turn | None = None) -> bool:
    """Go on with the oldest that is not finished until the turn is over; whether there is more to do."""
    row = WhatIf.objects.filter(finished_at=None).order_by("asked_at", "id").first()
    while row is not None and not (turn is not None and turn.is_over()):
        if not _go_on(row, at):
            row = WhatIf.objects.filter(finished_at=None).order_by("asked_at", "id").first()
    return row is not None


def _go_on(row: WhatIf, at: datetime) -> bool:
    """Look at some more patients; False once there are no more."""
    patients = Patient.objects.filter(pk__gt=row.looked_up_to, program=DEFAULT.code).order_by("pk")
    ids = list(patients.values_list("pk", flat=True)[: min(BATCH, row.total - row.looked_at)])
    if not ids:
        row.finished_at = max(at, row.asked_at)
        row.save()
        return False
    for patient, file in read_files_of(ids, row.asked_at).items():
        _add(row, patient, answers_of(file, row.asked_at, row.edition))
    row.looked_up_to, row.looked_at = ids[-1], row.looked_at + len(ids)
    row.save()
    return True


def answers_of(file: File, at: datetime, edition: str) -> list[FillAnswer]:
    """What the edition would have answered to each fill of a file, as it stands at `at`."""

    def read_before(program: Program, number: int, instant: datetime) -> History:
        return read(program, file.before(number).entries, instant, file.linked, str(file.patient))

    try:
        return fill_answers(file.history(at), read_before, edition)
    except NoEdition:
        return []


def _add(row: WhatIf, patient: UUID, answers: list[FillAnswer]) -> None:
    counts = Counter(answer.kind for answer in answers)
    row.fills += len(answers)
    row.same, row.earlier = row.same + counts["same"], row.earlier + counts["earlier"]
    row.later, row.refused = row.later + counts["later"], row.refused + counts["refused"]
    for answer in answers:
        if answer.kind != SAME and len(row.differing) < KEPT:
            then = answer.then.isoformat() if answer.then else None
            row.differing.append([str(patient), answer.number, answer.kind, answer.was.isoformat(), then])
