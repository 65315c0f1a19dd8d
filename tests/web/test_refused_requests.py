"""The office's list of refused requests says in words what was asked for and why it was refused, in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import translation

from accounts.models import User
from compliance.commands import decisions, linking_case
from compliance.rules import authorizations
from compliance.rules.blockers import RULES
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.words.gate import GATE, INVITATION
from compliance.words.refusals import REFUSALS
from compliance.words.request_log import ACTIONS, action_words, refusal_sentence
from ledger.models import LoggedRequest
from tests import factories
from tests.factories import as_
from tests.histories import NOW

ROOT = Path(__file__).resolve().parents[2]
#: Calls that name the action of a request; what `theirs` names are pages of one's own account.
_NAMES_ACTION = {"Request", "enter", "Transition", "Step"}


def trees() -> Iterator[ast.Module]:
    for package in ("accounts", "compliance/commands", "compliance/signing"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ast.parse(path.read_text())


def constants(tree: ast.Module) -> dict[str, str]:
    """The names of the module that are texts."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def texts(node: ast.expr, known: dict[str, str]) -> Iterator[str]:
    """The texts that stand in an expression, by themselves or by a name of the module."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
        elif isinstance(part, ast.Name) and part.id in known:
            yield known[part.id]


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def codes_in_the_code() -> set[str]:
    """What the commands refuse with, beside the tables of the rules."""
    found: set[str] = set()
    for tree in trees():
        known = constants(tree)
        for name, call in calls(tree):
            given = [word.value for word in call.keywords if word.arg in ("codes", "unknown")]
            given += call.args if name == "Refused" else []
            found |= {text for one in given for text in texts(one, known)}
    return found


def actions_in_the_code() -> set[str]:
    found: set[str] = set()
    for tree in trees():
        known = constants(tree)
        for name, call in calls(tree):
            if name in _NAMES_ACTION:
                for word in call.keywords:
                    if word.arg == "action" and isinstance(word.value, (ast.Constant, ast.Name)):
                        found |= set(texts(word.value, known))
    return found


def every_code() -> set[str]:
    blockers = set(RULES) | {
        f"{kind}:{document}"
        for kind in ("consent-missing", "guardian-signature-missing")
        for document in ISOTRETINOIN_US.documents
    }
    own = {decisions.NO_EDITION, decisions.NO_SUCH_PATIENT, authorizations.UNKNOWN}
    return blockers | set(REFUSALS) | set(GATE) | set(INVITATION) | own | codes_in_the_code()


def test_every_code_has_a_sentence_of_its_own() -> None:
    unknown = str(refusal_sentence("of-an-earlier-release"))
    found = {code: str(refusal_sentence(code)) for code in sorted(every_code())}
    assert {"no-offer", "npi-taken", "own-file", "stop-open", "wrong-state"} <= found.keys()
    assert [code for code, sentence in found.items() if sentence == unknown] == []
    assert [sentence for sentence in found.values() if not re.fullmatch(r"[A-Z].*[.”]", sentence, re.S)] == []
    assert [sentence for sentence in found.values() if "{" in sentence] == [], "nothing is left to be filled in"


def test_every_action_of_a_command_has_words() -> None:
    actions = actions_in_the_code() | {decisions.AUTHORIZE, linking_case.LINK, linking_case.UNLINK, "enter"}
    assert {"enrol", "dispense", "suspend", "register-practice"} <= actions | set(ACTIONS)
    assert actions - ACTIONS.keys() == set()
    assert action_words("account") == "", "a page of one's own account has its address's name alone"


@pytest.mark.django_db
def test_page_has_a_sentence_and_the_code_beside_it_in_the_readers_language() -> None:
    officer = factories.officer()
    for codes in (["window-expired", "consent-missing:birth-defects"], ["no-such-patient"]):
        LoggedRequest.objects.create(
            actor=uuid4(), key=uuid4(), action="authorize", at=NOW, body_hash="0" * 64, codes=codes, request_id=uuid4()
        )
    shown = page(officer)
    assert "May this pharmacy dispense? authorize" in shown
    assert "The window has closed. window-expired" in shown
    assert "The patient has not signed the consent on birth defects. consent-missing:birth-defects" in shown
    assert "No patient has that number and date of birth. no-such-patient" in shown
    officer.language = "es"
    officer.save(update_fields=["language"])
    with translation.override("es"):
        assert str(refusal_sentence("no-such-patient")) in page(officer)
    assert "No patient has that number" not in page(officer)


def page(officer: User) -> str:
    text = as_(officer).get("/office/request-log/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
