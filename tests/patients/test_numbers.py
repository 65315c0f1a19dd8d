"""Patient numbers and NPIs: one slip of the tongue or the finger never leads to somebody else."""

import random
from itertools import pairwise

import pytest

from patients import numbers
from patients.numbers import ALPHABET, LENGTH


def sample(count: int) -> list[str]:
    """Numbers drawn by a fixed seed, and the corners: all alike, and both ends of the alphabet."""
    chance = random.Random(815)
    bodies = ["".join(chance.choices(ALPHABET, k=LENGTH - 1)) for _ in range(count)]
    bodies += [character * (LENGTH - 1) for character in ALPHABET]
    found = [body + check for body in bodies if (check := numbers.check_character(body))]
    assert len(found) > 0.9 * len(bodies)
    return found


def test_the_alphabet_leaves_out_what_is_mistaken_for_one_another() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 30
    assert not set(ALPHABET) & set("01ILOU")


def test_every_single_wrong_character_shows() -> None:
    for number in sample(300):
        for place, right in enumerate(number):
            for wrong in set(ALPHABET) - {right}:
                assert not numbers.is_valid(number[:place] + wrong + number[place + 1 :])


def test_every_two_characters_exchanged_show_neighbours_or_not() -> None:
    for number in sample(2000):
        for first in range(LENGTH):
            for second in range(first + 1, LENGTH):
                if number[first] != number[second]:
                    typed = list(number)
                    typed[first], typed[second] = typed[second], typed[first]
                    assert not numbers.is_valid("".join(typed))


def test_a_new_number_is_valid_and_each_is_another() -> None:
    drawn = [numbers.new_number() for _ in range(2000)]
    assert all(numbers.is_valid(number) for number in drawn)
    assert len(set(drawn)) == 2000
    assert all(first != second for first, second in pairwise(drawn))


TYPED = {
    "as it is kept": "ABCD2345",
    "in small letters": "abcd2345",
    "as it is shown": "ABCD-2345",
    "with spaces around and within": " AB CD 23 45 ",
    "with a long dash": "ABCD–2345",
    "with a line break that the scanner adds": "ABCD2345\r\n",
    "in full-width letters": "ＡＢＣＤ２３４５",
}


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_however_it_is_typed_it_is_the_same_number(typed: str) -> None:
    assert numbers.normalise(typed) == "ABCD2345"


def test_it_is_shown_in_two_groups() -> None:
    assert numbers.pretty("ABCD2345") == "ABCD-2345"


NO_NUMBERS = {"empty": "", "short": "ABCD234", "long": "ABCD23456", "with a zero": "ABCD2340", "with an I": "IBCD2345"}


@pytest.mark.parametrize("text", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_what_can_be_no_number(text: str) -> None:
    assert not numbers.is_valid(text)


def test_the_npi_that_its_publisher_gives_as_the_example() -> None:
    assert numbers.npi_is_valid("1234567893")


NO_NPIS = {
    "wrong check digit": "1234567890",
    "two digits exchanged": "1234567983",
    "nine digits": "123456789",
    "eleven digits": "12345678931",
    "a letter": "123456789X",
    "digits of another script": "١٢٣٤٥٦٧٨٩٣",
    "neither a person's nor an organisation's": "3" + "00000000" + numbers.npi_check_digit("300000000"),
    "empty": "",
}


@pytest.mark.parametrize("text", NO_NPIS.values(), ids=NO_NPIS)
def test_what_is_no_npi(text: str) -> None:
    assert not numbers.npi_is_valid(text)


def test_every_single_wrong_digit_of_an_npi_shows() -> None:
    right = "1234567893"
    for place in range(10):
        for digit in set("0123456789") - {right[place]}:
            assert not numbers.npi_is_valid(right[:place] + digit + right[place + 1 :])
