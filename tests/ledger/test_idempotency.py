"""Idempotency keys: `once` gives one effect and one answer for a key, whatever the work is."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from ledger import idempotency
from ledger.actor import Actor
from ledger.idempotency import UNDECIDED, Answer, KeyReused, Refused, Request, Result, no_lock, once
from ledger.models import ErasableText, LoggedRequest

pytestmark = pytest.mark.django_db

AT = datetime(2026, 12, 1, 14, tzinfo=UTC)
ONE, OTHER = (Actor(uuid4(), "officer") for _ in range(2))


class Work:
    """Writes one row each time it runs."""

    def __init__(self, raises: Exception | None = None, result: Result | None = None) -> None:
        self.raises, self.runs = raises, 0
        self.result = result or Result(answer={"said": "yes"}, records=[3])

    def __call__(self, _locked: object) -> Result:
        self.runs += 1
        ErasableText.objects.create(digest=uuid4().hex, subject=uuid4(), salt=bytes(16), text="x", at=AT)
        if self.raises is not None:
            raise self.raises
        return self.result


def ask(work: Work, key: UUID, by: Actor = ONE, **body: str) -> Answer:
    return once(Request(action="ask", by=by, at=AT, key=key, body=body), no_lock, work)


def test_idempotency_key_sent_again_has_one_effect_and_one_answer() -> None:
    work, key = Work(), uuid4()
    first, second = ask(work, key, x="1"), ask(work, key, x="1")
    assert (work.runs, ErasableText.objects.count()) == (1, 1)
    assert first == {"said": "yes", "codes": [], "records": [3], "repeated": False}
    assert second == first | {"repeated": True}


def test_idempotency_key_with_another_body_or_action_is_refused() -> None:
    work, key = Work(), uuid4()
    ask(work, key, x="1")
    with pytest.raises(KeyReused):
        ask(work, key, x="2")
    with pytest.raises(KeyReused):
        once(Request(action="other", by=ONE, at=AT, key=key, body={"x": "1"}), no_lock, work)
    assert (work.runs, LoggedRequest.objects.count()) == (1, 1)


def test_idempotency_key_belongs_to_its_actor() -> None:
    work, key = Work(), uuid4()
    answers = [ask(work, key, by=by) for by in (ONE, OTHER)]
    assert [answer["repeated"] for answer in answers] == [False, False]
    assert work.runs == 2


def test_idempotency_key_of_a_refusal_rolls_back_and_keeps_the_answer() -> None:
    work, key = Work(Refused("taken", answer={"why": "x"})), uuid4()
    answers = [ask(work, key) for _ in range(2)]
    assert (work.runs, ErasableText.objects.count()) == (1, 0)
    assert [answer["codes"] for answer in answers] == [["taken"], ["taken"]]
    assert answers[1]["why"] == "x"
    attempt = LoggedRequest.objects.get()
    assert (attempt.codes, attempt.answer) == (["taken"], {"why": "x"})


@pytest.mark.parametrize("fault", [RuntimeError(), IntegrityError()])
def test_idempotency_key_stays_unused_after_a_fault(fault: Exception) -> None:
    key = uuid4()
    with pytest.raises(type(fault)), transaction.atomic():
        ask(Work(fault), key)
    assert (ErasableText.objects.count(), LoggedRequest.objects.count()) == (0, 0)
    assert not ask(Work(), key)["repeated"]


def test_idempotency_key_stays_unused_after_a_request_without_effect() -> None:
    work, key = Work(result=UNDECIDED), uuid4()
    assert [ask(work, key)["codes"] for _ in range(2)] == [["undecided"], ["undecided"]]
    assert (work.runs, LoggedRequest.objects.count()) == (2, 0)


def test_idempotency_key_finds_the_form_that_was_sent() -> None:
    key, posted = uuid4(), {"path": "/x/", "fields": {"a": ["1"]}}
    with idempotency.answering(posted) as form:
        before = form.reached
        assert "form" not in ask(Work(), key)
        assert (before, form.reached) == (False, True)
        assert "form" not in ask(Work(), key)
    with idempotency.answering(posted) as again:
        answer = idempotency.answered(again, ONE.account, key)
        assert answer is not None
        assert (answer["said"], answer["repeated"], "form" in answer) == ("yes", True, False)
        assert idempotency.answered(again, OTHER.account, key) is None
        assert idempotency.answered(again, ONE.account, uuid4()) is None
    with idempotency.answering(posted | {"path": "/y/"}) as other:
        assert idempotency.answered(other, ONE.account, key) is None
    ask(Work(), key)


def test_idempotency_key_of_a_refused_form_is_not_answered_again() -> None:
    key = uuid4()
    with idempotency.answering({}) as form:
        ask(Work(Refused("taken")), key)
        assert idempotency.answered(form, ONE.account, key) is None
