"""Every desk's pages in a browser, telephone and desk: WCAG 2.2 AA holds, nothing is wider than the screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import Page

from compliance.demo.codes import code_of
from compliance.demo.people import PASSWORD
from ledger import clock as ledger_clock
from tests.ui.test_accessibility import AXE

pytestmark = pytest.mark.browser

PAGES = {
    "okafor": [
        "/register/practice/", "/prescriber/", "/prescriber/enrol/", "/prescriber/practice/",
        "/prescriber/practice/attest/", "/papers/", "a patient", "month/", "discontinue/",
    ],
    "patient-consent": [
        "/patient/", "/patient/sign/birth-defects/", "/patient/sign/birth-defects/en/1/", "/patient/record/",
    ],
    "patient-month": ["/patient/methods/", "/patient/questions/", "/patient/pregnant/", "/papers/"],
    "guardian-minor": ["/guardian/", "/papers/"],
    "tanaka": ["/counter/", "/counter/authorizations/", "/counter/profile/", "/counter/training/", "/papers/"],
    "officer": [
        "/office/", "/office/certifications/", "/office/duplicates/", "/office/overdue/", "/office/erasures/",
        "/office/certifications/?kind=pharmacy", "/office/attempts/", "/office/outbox/", "/papers/",
    ],
}  # fmt: skip


def test_every_page_is_fit_for_everybody(live: str, page: Page) -> None:
    ledger_clock.override(None)
    call_command("seed_demo", verbosity=0)
    found: list[str] = []
    for who, paths in PAGES.items():
        page.context.clear_cookies()
        page.goto(f"{live}/account/login/")
        page.fill("input[name=login]", f"{who}@demo.invalid")
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        if page.locator("input[name=code]").count():
            page.fill("input[name=code]", code_of(f"{who}@demo.invalid"))
            page.click("main button[type=submit]")
        for path in paths:
            _open(page, live, path)
            found += _wrong(page, f"{who} {path}")
    assert found == []


def _open(page: Page, live: str, path: str) -> None:
    if path == "a patient":
        page.goto(f"{live}/prescriber/?stage=month")
        page.click(".worklist tbody a >> nth=0")
    elif path.startswith("/"):
        page.goto(live + path)
    else:
        page.goto(page.url.split("/prescriber/patients/")[0] + "/prescriber/?stage=month")
        page.click(".worklist tbody a >> nth=0")
        page.wait_for_load_state()
        page.goto(page.url + path)


def _wrong(page: Page, name: str) -> list[str]:
    problems = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(page, options=AXE)
        for rule in result.response["violations"]:
            problems += [f"{name} at {width}: {rule['id']} {node['html'][:120]}" for node in rule["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            problems.append(f"{name} at {width}: wider than the screen")
    return problems
