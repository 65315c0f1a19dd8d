"""The office decides about a held enrolment: lets it through, alone or linked with another file, or turns it down."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import outbox
from accounts.events import is_open, still_open
from accounts.roles import OFFICER
from compliance.models import Proposal
from compliance.records.columns import NotAsRecorded
from compliance.rules.editions import Program
from compliance.rules.records import KeptApart
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.idempotency import Refused, Request, Result, once
from outbox.models import Message
from patients.duplicates import matches_of
from patients.models import HeldEnrolment, Patient

from . import identity, linking, two_officers
from .decide import NotPermitted, Outcome, by_id, read_locked, share_prescriber, write
from .enrolment import (
    Enrolment,
    NewPatient,
    enrol_refusals,
    enrolment_of,
    open_file,
    program_of_prescriber,
)
from .entries import answer_of
from .held_enrolments import Standing, files_of, is_certified, plain, standings
from .invitations import under_age
from .two_officers import Agreed

#: Under this name a decision waits for a second officer.
ACTION = "held-enrolment"


def decide_held(
    *, held: UUID, let_through: bool, by: Actor, at: datetime, key: UUID, same_as: UUID | None = None, reason: str = ""
) -> Enrolment:
    """The office lets a held enrolment through, or turns it down. The prescriber is told either way.

    `same_as` is the file of the same person, with which the new one is linked. Where a stop or an open course is
    concerned, two officers let it through: the first call only asks (`waits`), that of another officer does it.
    The reason is recorded with the file that is opened, as an erasable text; who confirms may leave that of the first.
    Raises NotPermitted for anyone but an officer; NotDecided, whose code says why; EntryRefused, KeyReused.
    """
    if by.role != OFFICER:
        raise NotPermitted
    body = {"held": str(held), "yes": let_through, "same_as": str(same_as) if same_as else None, "reason": reason}
    request = Request(action="decide-held", by=by, at=at, key=key, body=body)
    decision = _DecidingHeld(request, let_through, same_as, reason.strip())
    return enrolment_of(once(request, partial(_lock_held, held, by), decision, still=still_open(by)))


def proposal_of(case: HeldEnrolment, at: datetime) -> Proposal | None:
    """What one officer asked for and another one can confirm: nothing where a file stands elsewhere since."""
    row = two_officers.waiting(ACTION, at).filter(subject=case.pk).first()
    if row is None or not all(
        row.payload.get(name) == value for name, value in _displayed(case, standings(files_of(case), at)).items()
    ):
        return None
    return row


def waiting(cases: Iterable[HeldEnrolment], at: datetime) -> set[UUID]:
    """Which of these cases wait for a second officer. One whose file columns contradict keeps no other from a list."""
    asked = set(two_officers.waiting(ACTION, at).values_list("subject", flat=True))
    found: set[UUID] = set()
    for case in cases:
        with suppress(NotAsRecorded):
            found |= {case.pk} if case.pk in asked and proposal_of(case, at) is not None else set()
    return found


def _displayed(case: HeldEnrolment, concerned: Mapping[UUID, Standing]) -> dict[str, Any]:
    """What the officers look at, of which both must have seen the same."""
    return {"candidates": sorted(case.candidates), "states": plain(concerned)}


def _lock_held(held: UUID, by: Actor) -> HeldEnrolment | None:
    """Identities first, as whoever enrols; then the case; the files that it may be the same as; who enrols, shared.

    So the prescriber is not suspended between the look at the certification and the records that go by it; nor is the
    account of the officer closed. Raises NotPermitted where it is.
    """
    identity.lock()
    case = HeldEnrolment.objects.select_for_update(of=("self",)).filter(pk=held).first()
    if case is not None:
        linking.lock_groups([*map(UUID, case.candidates), *([case.patient_id] if case.patient_id else [])])
        share_prescriber(case.prescriber_id)
    if not is_open(by.account):
        raise NotPermitted
    return case


@dataclass(frozen=True, slots=True)
class _DecidingHeld:
    """A decision as it runs under the locks."""

    request: Request
    let_through: bool
    same_as: UUID | None
    reason: str

    def __call__(self, case: HeldEnrolment | None) -> Result:
        if case is None or case.state != "waiting":
            return Result(codes=("decided-already",))
        if self.same_as is not None and str(self.same_as) not in case.candidates:
            return Result(codes=("not-a-candidate",))
        if not self.let_through:
            return self._turn_down(case)
        refused = self._refused(case)
        return refused if refused is not None else self._agreed(case)

    def _turn_down(self, case: HeldEnrolment) -> Result:
        if case.is_correction:
            return Result(codes=("not-an-enrolment",))
        self._close(case, "turned_down", None)
        return Result(codes=("turned-down",), answer={"patient": None, "held": str(case.pk)})

    def _refused(self, case: HeldEnrolment) -> Result | None:
        """Why it cannot be let through now, whatever was so when it was held."""
        new_candidates = _renewed(case)
        if new_candidates:
            return Result(codes=("new-candidates",))
        if case.is_correction:
            return None
        program, at = program_of_prescriber(case.prescriber_id), self.request.at
        if not is_certified(case.prescriber_id, program, at):
            return Result(codes=("prescriber-not-certified",))
        refusals = enrol_refusals(_of_today(case, at, program), case.prescriber_id, program, at)
        if refusals:
            return Result(codes=tuple(refusal.rule for _, refusal in refusals), answer=answer_of(refusals))
        return None

    def _agreed(self, case: HeldEnrolment) -> Result:
        """Let it through, if nothing is at stake or another officer asked for the very same."""
        concerned = standings(files_of(case), self.request.at)
        same_as = str(self.same_as) if self.same_as else None
        payload = {"same_as": same_as} | _displayed(case, concerned)
        step = two_officers.Step(action=ACTION, subject=case.pk, payload=payload, reason=self.reason)
        two = any(standing.at_stake for standing in concerned.values())
        agreed = two_officers.settle(step, two=two, by=self.request.by, at=self.request.at)
        if not (self.reason if agreed is None else agreed.reason):
            raise Refused("reason-missing")
        if agreed is None:
            return Result(codes=("second-officer",), answer={"patient": None, "held": str(case.pk)})
        return self._let_through(case, agreed)

    def _let_through(self, case: HeldEnrolment, agreed: Agreed) -> Result:
        patient = case.patient_id or self._open_file(case, agreed.reason)
        HeldEnrolment.objects.filter(pk=case.pk).update(patient=patient)
        self._close(case, "let_through", agreed.asked_by, agreed.reason)
        if case.is_correction and self.same_as is None:
            self._keep_apart(case.pk, patient, agreed)
        if self.same_as is not None:
            # The office may have linked them since, on the page of links.
            try:
                with suppress(linking.NotLinked):
                    linking.link_agreed(
                        files=(self.same_as, patient), agreed=agreed, by=self.request.by, at=self.request.at,
                        key=uuid5(self.request.key, "link"),
                    )  # fmt: skip
            except linking.OnBothSides:
                raise Refused("both-sides") from None
        return Result(subject=patient, answer={"patient": str(patient), "held": str(case.pk)})

    def _keep_apart(self, case: UUID, patient: UUID, agreed: Agreed) -> None:
        """Record in the file that was corrected that it is of another person, and why. An enrolment has its reason."""
        locked = by_id(patient)()
        assert locked is not None
        file = read_locked(locked, self.request.at)
        at = file.earliest(self.request.at)
        reason = make_erasable(agreed.reason, subject=patient, at=at)
        record = KeptApart(str(case), reason.digest, str(agreed.asked_by) if agreed.asked_by else None)
        write(file, Outcome(records=(record,), texts=(reason,)), self.request, at)

    def _open_file(self, case: HeldEnrolment, reason: str) -> UUID:
        program = program_of_prescriber(case.prescriber_id)
        return open_file(_of_today(case, self.request.at, program), case.prescriber_id, program, self.request, reason)

    def _close(self, case: HeldEnrolment, state: str, asked_by: UUID | None, reason: str = "") -> None:
        HeldEnrolment.objects.filter(pk=case.pk).update(
            state=state, decided_by=self.request.by.account, asked_by=asked_by, decided_at=self.request.at,
            reason=reason or self.reason,
        )  # fmt: skip
        two_officers.end(ACTION, case.pk, at=self.request.at)
        if not case.is_correction:
            tell_prescriber(case, self.request.at)


def _of_today(case: HeldEnrolment, at: datetime, program: Program) -> NewPatient:
    """Without the guardian, where the patient came of age while the office held the enrolment."""
    new = NewPatient.of_plain(case.data)
    return new if under_age(new.born_on, at, program) else replace(new, guardian_name="", guardian_email="")


def _renewed(case: HeldEnrolment) -> list[str]:
    """The files that have come up since it was held: searched for again, and shown from now on."""
    if case.patient_id is not None:
        found = matches_of(identity.identity_of(Patient.objects.get(pk=case.patient_id)), besides=case.patient_id)
    else:
        found = matches_of(NewPatient.of_plain(case.data).identity)
    new = [str(match) for match in found if str(match) not in case.candidates]
    if new:
        HeldEnrolment.objects.filter(pk=case.pk).update(candidates=[*case.candidates, *new])
    return new


def tell_prescriber(case: HeldEnrolment, at: datetime) -> None:
    """The one who enrolled learns that it was decided."""
    message = Message(
        key=f"held-enrolment:{case.pk}",
        kind="held-enrolment",
        subject=None,
        data={"held": str(case.pk)},
        due_at=at,
    )
    outbox.enqueue([message], at=at)
