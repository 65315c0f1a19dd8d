"""The dose of a course, from what was handed over and what was prescribed then."""

from fractions import Fraction

from compliance.rules.care.course_dose import CourseDose, course_dose, last_prescribed
from compliance.rules.care.prescription import Prescribed
from compliance.rules.records import Authorized, Discontinued, Dispensed, Enrolled, Reversed
from tests.histories import CAN, HistoryFactory

#: 60 mg a day at 60 kg: 1 mg/kg, 30 mg/kg a fill of 30 days.
PRESCRIBED = Prescribed("claravis", (30, 30), 60_000, 30)
HALF = Prescribed("claravis", (20, 10), 60_000, 30)
#: 48 mg a day at 60 kg are 0.8 mg/kg of LD, as much as 1 mg/kg.
LD = Prescribed("absorica-ld", (24, 24), 60_000, 30)


class Course(HistoryFactory):
    """A history whose fills are handed over on the days that are named."""

    def fill(self, day: int, supply: int = 30, handed_over: int | None = None, number: str = "") -> "Course":
        number = number or f"A{day}"
        self.enter(day, Authorized(number, "p", supply, self.on(day + 6)))
        self.enter(day, Dispensed(number, self.on(handed_over) if handed_over is not None else None))
        return self

    def prescribe(self, day: float, prescribed: Prescribed = PRESCRIBED) -> "Course":
        self.enter(day, prescribed)
        return self

    def dose(self, day: float) -> CourseDose:
        found = course_dose(self.ask(day).history)
        assert found is not None
        return found


def course() -> Course:
    return Course()


def test_no_course_has_no_dose() -> None:
    made = course()
    made.entries.clear()
    assert course_dose(made.ask(1).history) is None


def test_each_fill_counts_by_its_supply_and_the_prescription_of_its_day() -> None:
    made = course().prescribe(30, HALF).fill(35).prescribe(60).fill(65).fill(95, supply=20)
    assert made.dose(96).mg_per_kg == 15 + 30 + 20
    assert made.dose(64).mg_per_kg == 15, "what comes later counts later"


def test_low_dose_product_counts_by_its_own_table() -> None:
    assert course().prescribe(30, LD).fill(35).dose(36).mg_per_kg == 30


def test_fill_before_any_prescription_is_not_counted_and_said() -> None:
    found = course().fill(35).prescribe(60).fill(65).dose(66)
    assert (int(found.mg_per_kg), found.fills, found.uncounted) == (30, 1, 1)
    assert found.enough_on is None, "nobody knows what was taken before"


def test_authorization_that_was_reversed_counts_nothing() -> None:
    made = course().prescribe(30)
    made.enter(35, Authorized("A", "p", 30, made.on(41))).enter(36, Reversed("A"))
    found = made.dose(37)
    assert (int(found.mg_per_kg), found.first_on, found.weeks_end) == (0, None, None)


def test_end_follows_from_the_dose_of_today_after_the_supply_in_hand() -> None:
    made = course().prescribe(30).fill(35)
    # 30 of 120 and of 150 mg/kg are taken when the supply of day 35 runs out on day 65; then 1 mg/kg each day.
    assert made.dose(36).enough_on == (made.on(65 + 90), made.on(65 + 120))
    made.prescribe(40, HALF)
    assert made.dose(41).enough_on == (made.on(65 + 180), made.on(65 + 240))


def test_end_counts_from_when_the_last_of_several_fills_runs_out() -> None:
    made = course().prescribe(30).fill(35).fill(65)
    assert made.dose(66).enough_on == (made.on(95 + 60), made.on(95 + 90))


def test_weeks_count_from_the_first_of_several_fills() -> None:
    made = course().prescribe(30).fill(35).fill(65)
    assert made.dose(66).first_on == made.on(35)


def test_prescription_of_the_instant_of_the_fill_counts() -> None:
    assert course().prescribe(35).fill(35).dose(36).mg_per_kg == 30


def test_last_prescription_is_of_the_open_course_alone() -> None:
    made = course()
    assert last_prescribed(made.ask(29).history) is None
    made.prescribe(30).prescribe(60, LD).prescribe(90, HALF)
    found = {day: last_prescribed(made.ask(day).history) for day in (31, 61, 91)}
    assert found == {31: PRESCRIBED, 61: LD, 91: HALF}
    made.enter(100, Discontinued("done"))
    assert last_prescribed(made.ask(101).history) is None


def test_end_after_a_gap_counts_from_today() -> None:
    made = course().prescribe(30).fill(35)
    assert made.dose(100).enough_on == (made.on(190), made.on(220))


def test_hand_over_that_was_entered_late_counts_from_its_own_day() -> None:
    made = course().prescribe(30).fill(37, handed_over=35)
    found = made.dose(38)
    assert found.first_on == made.on(35)
    assert found.weeks_end == (made.on(35 + 105), made.on(35 + 140))


def test_state_by_the_band() -> None:
    made, seen = course().prescribe(30), []
    for month in range(6):
        made.fill(35 + 30 * month)
        found = made.dose(36 + 30 * month)
        seen.append((int(found.mg_per_kg), found.state, found.enough_on is None))
    assert seen == [
        (30, "below", False), (60, "below", False), (90, "below", False), (120, "within", True),
        (150, "within", True), (180, "above", True),
    ]  # fmt: skip


def test_second_course_begins_at_nothing_and_the_first_keeps_its_sum() -> None:
    made = course().prescribe(30).fill(35)
    made.enter(70, Discontinued("done", made.on(65)))
    assert made.dose(71).mg_per_kg == 30
    made.enter(140, Enrolled(CAN))
    assert made.dose(141).mg_per_kg == 0
    assert made.dose(141).enough_on is None, "nothing is prescribed in this course"


def test_fill_that_is_entered_after_the_end_is_of_the_course_that_ended() -> None:
    made = course().prescribe(30)
    made.enter(35, Authorized("A", "p", 30, made.on(41))).enter(36, Discontinued("done", made.on(36)))
    made.enter(37, Dispensed("A", made.on(35)))
    assert made.dose(38).mg_per_kg == 30


def test_exact_sum_of_weights_that_do_not_divide() -> None:
    odd = Prescribed("claravis", (40, 10), 70_300, 30)
    assert course().prescribe(30, odd).fill(35, supply=29).dose(36).mg_per_kg == Fraction(50 * 29 * 1000, 70_300)
