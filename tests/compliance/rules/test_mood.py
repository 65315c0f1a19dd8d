"""How a patient feels: scores, bands, which question comes next, and what is told at once."""

from itertools import product

import pytest

from compliance.rules.care import mood
from compliance.rules.care.mood import MoodAnswered


def answers(*given: int) -> dict[str, int]:
    return {str(item): answer for item, answer in enumerate(given, 1)}


def phq9(score: int, ninth: int = 0) -> MoodAnswered:
    """Nine answers with that sum, the first as high as they go."""
    left, given = score - ninth, []
    for _item in range(8):
        given.append(min(3, left))
        left -= given[-1]
    assert left == 0
    return MoodAnswered(mood.PHQ9, 1, "en", answers(*given, ninth))


BANDS = {
    "nothing": (0, "minimal"),
    "last of minimal": (4, "minimal"),
    "first of mild": (5, "mild"),
    "last of mild": (9, "mild"),
    "first of moderate": (10, "moderate"),
    "last of moderate": (14, "moderate"),
    "first of moderately severe": (15, "moderately-severe"),
    "last of moderately severe": (19, "moderately-severe"),
    "first of severe": (20, "severe"),
    "the highest": (24, "severe"),
}


@pytest.mark.parametrize("name", BANDS)
def test_phq_9_has_its_band(name: str) -> None:
    score, expected = BANDS[name]
    record = phq9(score)
    assert (record.score, record.band, record.highest) == (score, expected, 27)
    assert record.is_to_be_talked_about is (score >= 10)
    assert not record.is_urgent


def test_highest_score_is_27() -> None:
    assert mood.band(27) == "severe"
    assert phq9(27, ninth=3).score == 27


@pytest.mark.parametrize(("first", "second"), list(product(mood.ANSWERS, mood.ANSWERS)))
def test_phq_2_of_three_and_more_goes_on_to_the_phq_9(first: int, second: int) -> None:
    given = answers(first, second)
    assert mood.goes_on(given) is (first + second >= 3)
    assert mood.next_item(given) == (3 if first + second >= 3 else None)


NEXT = {
    "nothing answered": ({}, 1),
    "the first": (answers(3), 2),
    "the second alone": ({"2": 3}, 1),
    "a high first alone asks for no more yet": (answers(3), 2),
    "two that go on": (answers(2, 1), 3),
    "eight": (answers(2, 1, 0, 0, 0, 0, 0, 0), 9),
    "all nine": (answers(2, 1, 0, 0, 0, 0, 0, 0, 0), None),
    "one left out": ({"1": 3, "2": 3, "4": 0}, 3),
}


@pytest.mark.parametrize("name", NEXT)
def test_next_question_is_the_first_without_an_answer(name: str) -> None:
    given, expected = NEXT[name]
    assert mood.next_item(given) == expected


@pytest.mark.parametrize("ninth", mood.ANSWERS)
def test_ninth_is_urgent_at_anything_but_not_at_all_whatever_else_is_answered(ninth: int) -> None:
    alone = MoodAnswered(mood.PHQ9, 1, "en", {"9": ninth})
    assert alone.is_urgent is (ninth > 0)
    assert alone.is_crisis is (ninth > 0)
    assert not alone.is_complete
    assert alone.band == "", "what is not finished has no band"


def test_first_two_put_right_take_back_what_is_asked_no_more_but_never_thoughts_of_harm() -> None:
    assert mood.settled(answers(0, 0, 3, 3)) == answers(0, 0)
    kept = {**answers(0, 0, 3), "9": 1}
    assert mood.settled(kept) == kept
    assert mood.instrument_of(answers(0, 0)) == mood.PHQ2
    assert mood.instrument_of(kept) == mood.PHQ9


@pytest.mark.parametrize(
    "raw",
    [None, [], {}, {"0": 1}, {"10": 1}, {"1": 4}, {"1": -1}, {"x": 0}, {"1": 0, "x": 0}, {"1": 0, "2": 4},
     {"1": 4, "2": 0}],
    ids=repr,
)  # fmt: skip
def test_answer_that_was_not_offered_is_not_listed(raw: object) -> None:
    with pytest.raises(ValueError, match=r"^not-listed$"):
        mood.answered(raw)


@pytest.mark.parametrize("raw", [{"1": True}, {"1": "1"}, {"1": None}], ids=repr)
def test_answer_that_is_no_number_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match=r"^not-a-whole-number$"):
        mood.answered(raw)


def test_answers_are_read_as_they_were_given() -> None:
    assert mood.answered({"2": 3, "9": 0, "1": 1}) == {"2": 3, "9": 0, "1": 1}
    assert mood.answered(answers(*range(4), *range(4), 0)) == answers(*range(4), *range(4), 0), "all nine"
