"""A scenario through the pure rules alone."""

from collections.abc import Mapping
from typing import Any

from compliance.rules import authorizations, entries
from compliance.rules.assessment import GateQuestion
from compliance.rules.certification import Spans
from compliance.rules.editions import NoEdition, Program
from compliance.rules.gate import assess
from compliance.rules.history import read
from compliance.rules.records import Authorized, Entry, Record, Registered, parse
from compliance.rules.refusals import Refused

from . import scenario
from .scenario import ENROLLING, ReplayAnswer, ReplayStep


class Engine:
    """One patient's log in memory."""

    def __init__(self, program: Program, story: Mapping[str, Any]) -> None:
        self.program = program
        self.log: list[Entry] = []
        self.numbers: dict[str, int] = {}
        self.issued = 0
        self.born_on = story["patient"]["born_on"]
        self.prescribers: dict[str, Spans] = {ENROLLING: scenario.spans(story["prescriber"]["certified"])}
        for name, other in story.get("prescribers", {}).items():
            self.prescribers[name] = scenario.spans(other["certified"])
        self.pharmacies = {n: scenario.spans(p["certified"]) for n, p in story["pharmacies"].items()}

    def answer(self, step: ReplayStep) -> ReplayAnswer:
        """The answer to one step."""
        at = scenario.instant(step)
        if not self.log:
            self._append(at, Registered(born_on=scenario.born_on(self.born_on), prescriber=ENROLLING))
        if "do" in step:
            return self._enter(step)
        return {
            "status": self._status,
            "authorize": self._authorize,
            "dispense": self._end,
            "reverse": self._end,
        }[step["ask"]](step)

    def _append(self, at: Any, record: Record) -> int:
        number = len(self.log) + 1
        self.log.append(Entry(number, at, record))
        return number

    def _enter(self, step: ReplayStep) -> ReplayAnswer:
        at = scenario.instant(step)
        try:
            record = scenario.record_of(step, self.numbers)
            refusal = entries.refusal(read(self.program, self.log, at), self.log, record, at)
            if refusal is not None:
                raise Refused(refusal)
        except Refused:
            return {"refused": True}
        number = self._append(at, record)
        if "id" in step:
            self.numbers[step["id"]] = number
        return {"refused": False}

    def _status(self, step: ReplayStep) -> ReplayAnswer:
        try:
            assessment = assess(self.program, self.log, at=scenario.instant(step), prescribers=self.prescribers)
        except NoEdition:
            return {"error": "no-edition"}
        return scenario.of_assessment(assessment, with_owed=True)

    def _authorize(self, step: ReplayStep) -> ReplayAnswer:
        at = scenario.instant(step)
        supply = scenario.whole_days(step.get("days_supply"))
        if supply is None:
            return {"refused": True}
        question = GateQuestion(pharmacy=self.pharmacies.get(scenario.pharmacy_of(step), ()), days_supply=supply)
        try:
            assessment = assess(self.program, self.log, at=at, prescribers=self.prescribers, question=question)
        except NoEdition:
            return {"error": "no-edition"}
        answer = scenario.of_assessment(assessment, with_owed=False)
        if assessment.dispense_by is None:
            return answer
        self.issued += 1
        record = Authorized(str(self.issued), scenario.pharmacy_of(step), supply, assessment.dispense_by)
        self._append(at, record)
        return scenario.issued(answer, assessment.dispense_by, self.issued)

    def _end(self, step: ReplayStep) -> ReplayAnswer:
        at, number = scenario.instant(step), str(scenario.authorization_of(step, self.issued))
        history, pharmacy = read(self.program, self.log, at), scenario.pharmacy_of(step)
        dispense, on = step["ask"] == "dispense", step.get("handed_over_on")
        try:
            code = (
                authorizations.refuse_dispense(history, number, pharmacy, on)
                if dispense
                else authorizations.refuse_reverse(history, number, pharmacy)
            )
        except Refused:
            return {"refused": True}
        if code is not None:
            return {"done": False, "code": code}
        data = {"authorization": number} | ({"handed_over_on": on} if dispense else {})
        self._append(at, parse("dispensed" if dispense else "reversed", data))
        return {"done": True}
