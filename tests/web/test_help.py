"""Help beside the fields where one would ask, and the page of the program's words."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from accounts.models import User
from compliance.words.glossary import GLOSSARY, in_order
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory
from tests.web.cases import case

pytestmark = pytest.mark.django_db

SUMMARY = "What does this mean?"


@pytest.fixture
def clinic(clock: Clock) -> ClinicFactory:
    clock.set("2026-12-15T11:00-05:00")
    return ClinicFactory()


def page(user: User | None, path: str) -> str:
    assert user is not None
    client = Client()
    factories.sign_in(client, user)
    return client.get(path).content.decode()


#: Reader, address, and the words that are explained there.
EXPLAINED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "kinds of test, and the period": (
        "prescriber", "{patient}test/", ("laboratory-test", "home-test", "first-five-days"),
    ),
    "methods": ("prescriber", "{patient}methods/", ("primary-method", "secondary-method", "abstinence")),
    "home tests": ("prescriber", "{patient}home-testing/", ("home-test",)),
    "categories": ("prescriber", "/prescriber/enrol/", ("can-become-pregnant", "cannot-become-pregnant")),
    "a change of category": ("prescriber", "{patient}category/", ("can-become-pregnant", "cannot-become-pregnant")),
    "days' supply": ("pharmacist", "/counter/", ("days-supply",)),
    "the patient's methods": ("patient", "/patient/methods/", ("primary-method", "secondary-method", "abstinence")),
}  # fmt: skip


def test_help_stands_beside_the_field_that_asks(clinic: ClinicFactory) -> None:
    for name in EXPLAINED:
        with case(name):
            who, path, codes = EXPLAINED[name]
            patient = clinic.ready()
            readers = {
                "prescriber": clinic.prescriber.user, "patient": patient.user,
                "pharmacist": clinic.pharmacies[0].pharmacists.get().user,
            }  # fmt: skip
            shown = page(readers[who], path.format(patient=f"/prescriber/patients/{patient.pk}/"))
            helped = "".join(re.findall(r'<details class="field__help">.*?</details>', shown, re.DOTALL))
            assert SUMMARY in helped
            assert [code for code in codes if escape(str(GLOSSARY[code].text)) not in helped] == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_is_on_the_page_in_order_and_needs_no_account(language: str) -> None:
    client = Client(headers={"accept-language": language})
    answer = client.get(reverse("public:glossary"))
    assert answer.status_code == 200
    shown = answer.content.decode()
    with translation.override(language):
        places = [shown.index(f"<dt>{escape(str(term.word))}</dt>") for term in in_order()]
        assert all(escape(str(term.text)) in shown for term in GLOSSARY.values())
    assert places == sorted(places)
    assert all(f'id="{code}"' in shown for code in GLOSSARY)


def test_words_are_linked_at_the_foot_of_every_page(clinic: ClinicFactory) -> None:
    link = f'href="{reverse("public:glossary")}"'
    assert link in page(clinic.ready().user, "/patient/")
    assert link in page(clinic.prescriber.user, "/prescriber/")
    assert link in Client().get("/account/login/", follow=True).content.decode()
