"""Journeys: people act in the browser by what is on the pages."""

import re
from collections.abc import Callable

from django.conf import settings
from django.test import Client
from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from accounts.roles import OFFICER
from compliance import documents
from devtools.demo.people import PHARMACIES, PRACTICES, _npi
from outbox.models import CapturedEmail
from patients import numbers
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.databases import Snapshot
from tests.histories import METHODS
from tests.journeys.posted import ANA, DOCTOR, GUARDIAN, OFFICE, PASSWORD, PHARMACIST, Posted
from tests.spanish import english_in, names_in_the_data


class Journey:
    """Steps of a journey, each on the pages by the one who is signed in; `posted` are those not looked at."""

    def __init__(self, page: Page, address: str, clock: Clock) -> None:
        self.page, self.address, self.clock = page, address, clock
        self.posted = Posted(clock)
        self.reader = ""
        self.language = "en"

    # --- around ------------------------------------------------------------------------------
    def go(self, path: str) -> None:
        response = self.page.goto(self.address + path)
        assert response is not None
        assert response.status == 200, (path, response.status)
        self.looks()

    def looks(self) -> None:
        """In Spanish, no English is left on the page, and it is no wider than the screen."""
        if self.language == "es":
            english = english_in(self.page.content(), names_in_the_data())
            assert not english, (self.page.url, english)
            width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert width[0] <= width[1], self.page.url

    def said(self, text: str) -> str:
        """A sentence of the pages, as they say it in the language of this journey."""
        with translation.override(self.language):
            return next((t for whole in (text, f"{text}.") if (t := translation.gettext(whole)) != whole), text)

    def _forgets(self) -> None:
        """A browser that knows nobody; it keeps the language that was chosen in it."""
        self.page.context.clear_cookies()
        if self.language != "en":
            cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": self.language, "url": self.address}
            self.page.context.add_cookies([cookie])  # type: ignore[list-item]

    def as_(self, email: str) -> "Journey":
        """Signed in as somebody, by a session; staff with their second factor."""
        if self.reader != email:
            self._forgets()
            client = Client()
            factories.sign_in(client, User.objects.get(email=email))
            session = client.cookies["sessionid"].value
            self.page.context.add_cookies([{"name": "sessionid", "value": session, "url": self.address}])
            self.reader = email
        return self

    def signs_in(self, email: str) -> "Journey":
        """By the page: patients and guardians, who need no more than a password."""
        self._forgets()
        self.go("/account/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(re.compile(r"/(prescriber|patient|guardian|counter|office)/"))
        self.reader = email
        return self

    def signs_out(self) -> None:
        """By the button at the top of every page."""
        self.page.get_by_role("button", name=self.said("Sign out"), exact=True).first.click()
        self.reader = ""

    def send(self, name: str | None = None) -> None:
        """Press the form's button, by its name or the only one in the page's main part."""
        main = self.page.locator("main")
        button = main.get_by_role("button", name=self.said(name), exact=True) if name else main.locator("form button")
        button.first.click()

    def confirms(self, link: Locator) -> None:
        """Follow a link, and type the password where it is asked for once more."""
        with self.page.expect_navigation():
            link.click()
        if self.page.locator("input[name=password]").count():
            self.page.fill("input[name=password]", PASSWORD)
            self.send()

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(self.said(text))
        self.looks()

    def sees_not(self, *words: str) -> None:
        shown = self.page.locator("main").inner_text().lower()
        for word in words:
            assert word not in shown, word

    def choose(self, name: str, value: str) -> None:
        self.page.check(f"input[name={name}][value={value}]")

    def forward(self, **by: float) -> None:
        self.clock.forward(**by)

    @property
    def today(self) -> str:
        return self.posted.today

    def captured_email(self, to: str) -> CapturedEmail:
        """The newest e-mail to somebody, after the outbox was delivered."""
        return self.posted.captured_email(to)

    # --- the staff ---------------------------------------------------------------------------
    def staffs(self) -> None:
        """An officer; a practice and a pharmacy that register and are approved."""
        User.objects.create_user(email=OFFICE, password=PASSWORD, name="Office", role=OFFICER)
        self.registers("practice", "practice_name", PRACTICES[0][2], DOCTOR, 1)
        self.registers("pharmacy", "pharmacy_name", PHARMACIES[0][2], PHARMACIST, 2)
        self.as_(OFFICE)
        for kind in ("prescriber", "pharmacy"):
            self.go(f"/office/certifications/?kind={kind}")
            self.send("Approve")
            self.sees("Approved")

    def registers(self, what: str, place: str, name: str, email: str, number: int) -> None:
        self._forgets()
        self.go(f"/register/{what}/")
        self.page.fill("input[name=email]", email)
        self.send("Send me the link")
        self.sees("Check your email")
        self.go(self.posted.link(email))
        fields = {
            place: name, "npi": _npi(number), "address": "1 Main Street", "name": "Robin Hale",
            "password1": PASSWORD, 
        }  # fmt: skip
        for field, value in fields.items():
            self.page.fill(f"input[name={field}]", value)
        self._ticks()
        self.send("Register")
        self.sees("Thank you. The program office reviews your application.")
        self.reader = ""

    # --- the prescriber ----------------------------------------------------------------------
    def enrols(
        self, *, category: str = "can_become_pregnant", born_on: str = "04/02/2001", given: str = "Ana",
        email: str = ANA, guardian: bool = False,
    ) -> "Journey":  # fmt: skip
        self.as_(DOCTOR).go("/prescriber/enrol/")
        fields = {"given_name": given, "family_name": "Mora", "born_on": born_on, "email": email}
        if guardian:
            fields |= {"guardian_name": "Paula Mora", "guardian_email": GUARDIAN}
        for field, value in fields.items():
            self.page.fill(f"input[name={field}]", value)
        self.choose("category", category)
        if category == "cannot_become_pregnant":
            self.page.select_option("select[name=reason]", "male")
        self.send("Enrol the patient")
        return self

    def opens_patient(self) -> None:
        self.as_(DOCTOR).go("/prescriber/")
        self.page.click(".worklist tbody a >> nth=0")
        self.page.wait_for_url("**/prescriber/patients/**")  # a click may return before the page is there

    def enters(self, slug: str) -> None:
        """Open an entry about the one patient; the way there from the list is measured (`costs.PRACTICE`)."""
        self.as_(DOCTOR).page.goto(self.address + self.posted.entry(slug))

    def begins(self) -> None:
        """Methods, screening test, visit."""
        self.month(setting="clinic", menses="")

    def month(
        self, *, setting: str = "laboratory", menses: str = "first_five_days",
        methods: tuple[str, str] = METHODS,
    ) -> None:  # fmt: skip
        self.enters("month")
        self.page.fill("input[name=collected_on]", self.today)
        self.page.select_option("select[name=result]", "negative")
        self.page.select_option("select[name=setting]", setting)
        if menses and self._asks("menses"):
            self.choose("menses", menses)
        if self._asks("visit_on"):
            self.page.fill("input[name=visit_on]", self.today)
        if self._asks("methods"):
            for place, method in enumerate(methods):
                self.page.select_option(f"#id_methods_{place}", method)
        if self._asks("started_on"):
            self.page.fill("input[name=started_on]", self.today)
        self.send("See what this opens")
        self.sees("What this opens")
        self.attests()
        self.send("Confirm the month")
        self.sees("The month is confirmed")

    def test(self, result: str = "negative") -> None:
        self.enters("test")
        self.page.fill("input[name=collected_on]", self.today)
        self.choose("result", result)
        self.choose("setting", "laboratory")
        self.choose("menses", "first_five_days")
        self.send("Save the test")
        if result == "positive":
            self.sees("Is this right?")
            self.send("Yes, this is right")
            self.sees("What to do now")
        else:
            self.sees("The test is saved")

    def visit(self) -> None:
        self.enters("visit")
        self.page.fill("input[name=visit_on]", self.today)
        self.send("Save the visit")
        self.sees("The visit is saved")

    # --- the patient and the guardian --------------------------------------------------------
    def accepts(self, email: str = ANA, born_on: str = "04/02/2001") -> None:
        link = re.search(r"/invitation/\S+", self.captured_email(email).body)
        assert link is not None
        self._forgets()
        for _ in range(2):  # a mail scanner opens it first
            self.go(link.group())
        self.page.fill("input[name=born_on]", born_on)
        self.page.fill("input[name=password1]", PASSWORD)
        self.send("Open my account")
        self.sees("Welcome. Your account is open.")
        self.reader = email

    def reads(self, code: str) -> None:
        """Read every section, and agree to it."""
        self.go(f"/patient/sign/{code}/")
        self.reads_here(code)

    def reads_here(self, code: str) -> None:
        """The same, from the page on which it begins."""
        self.page.click("main a.btn-primary")
        for item in documents.load(code, 2, self.language).items:
            self.page.locator("h1", has_text=item.heading).wait_for()
            self.choose("answer", "yes")
            self.send("Save and continue")
        self.sees("Your answers")

    def begins_to_read(self, path: str | None) -> None:
        """Open a text and agree to its first section; the others look the same."""
        assert path is not None
        self.go(path)
        with self.page.expect_navigation():
            self.page.click("main a.btn-primary")
        first = self.page.locator("h1").inner_text()
        self.choose("answer", "yes")
        self.send("Save and continue")
        expect(self.page.locator("h1")).not_to_have_text(first)

    def signs(self, code: str, name: str = "Ana Mora") -> None:
        self.reads(code)
        self.signs_here(name)

    def signs_here(self, name: str) -> None:
        """Sign what was read."""
        self.credentials(name)
        self.send("Sign")
        self.sees("Thank you. Your signature is recorded.")

    def credentials(self, name: str = "Robin Hale", password: str = PASSWORD) -> None:
        """What a signature asks for, each time."""
        expect(self.page.locator(".signature__name").first).to_contain_text(name)
        self.page.fill("input[name=signer_password]", password)

    def _asks(self, field: str) -> bool:
        """Whether the form has that field: it asks what the stage needs, and no more."""
        return self.page.locator(f"main [name={field}]").count() > 0

    def attests(self, name: str = "Robin Hale") -> None:
        """Tick what is attested, and sign."""
        self._ticks()
        self.credentials(name)

    def _ticks(self) -> None:
        for box in self.page.locator(".signature input[type=checkbox]").all():
            box.check()

    def declares(self, *methods: str) -> None:
        self.as_(ANA).go("/patient/methods/")
        if self.page.locator(".as-before__change").count():
            self.page.click(".as-before__change summary")
        for box in self.page.locator("input[name=methods]").all():
            box.set_checked(box.get_attribute("value") in (methods or METHODS))
        self.credentials("Ana Mora")
        self.send("All of this is true: sign")
        self.sees("Saved. Thank you.")

    def answers(self) -> None:
        """One wrong answer first, which is explained; then all right."""
        self.as_(ANA).go("/patient/questions/")
        first = self.asked()
        self.chooses(first, (first.right + 1) % len(first.choices))
        self.sees(first.explanation)
        self.chooses(first, first.right)
        for _ in range(4):
            expect(self.page.locator("h1")).not_to_have_text(first.question)
            first = self.asked()
            self.chooses(first, first.right)
        self.sees("All five are right. Thank you.")

    def asked(self) -> documents.Question:
        """The question that is on the page."""
        bank = documents.questions(self.language, version=documents.version_on("questions", self.clock.at.date()))
        name = self.page.locator(".option").first.get_attribute("name")
        return next(question for question in bank if question.id == name)

    def chooses(self, question: documents.Question, choice: int) -> None:
        self.page.click(f'.option[name="{question.id}"][value="{choice}"]')

    # --- the counter -------------------------------------------------------------------------
    def reads_number(self) -> str:
        """The patient's number, read from their own page."""
        self.as_(ANA).go("/patient/")
        return self.page.locator(".number").first.inner_text()

    def number(self) -> str:
        """The same, as the page would say it."""
        return self.page_number(Patient.objects.get().number)

    def asks(self, number: str, born_on: str = "04/02/2001", days: int = 30) -> None:
        self.as_(PHARMACIST).go("/counter/")
        self.page.fill("input[name=number]", number)
        self.page.fill("input[name=born_on]", born_on)
        self.page.fill("input[name=days_supply]", str(days))
        self.send("May I dispense?")

    @staticmethod
    def page_number(number: str) -> str:
        """A patient number as pages show it."""
        return numbers.pretty(numbers.normalise(number))

    def fills(self, number: str, born_on: str = "04/02/2001") -> None:
        self.asks(number, born_on)
        self.sees("Yes, dispense")
        self.page.locator("[data-hold] [type=submit]").click()
        # Where there is a script it is held for ten seconds; the next patient is waiting.
        held = self.page.locator("[data-held-next]:visible")
        held.or_(self.page.locator(".messages")).first.wait_for()
        if held.count():
            held.click()
        expect(self.page.locator(".messages")).to_contain_text(self.page_number(number))


#: What begins a journey where a snapshot ends.
StartJourney = Callable[[Snapshot[None]], Journey]
