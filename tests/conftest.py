"""Fixtures: databases as the application's role, a clock to set, a server for the browser."""

import functools
import itertools
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.signals import setting_changed
from django.db import connections
from django.template.base import Template
from django.template.context import Context
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.test.signals import template_rendered
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from playwright.sync_api import Browser, BrowserContext, expect
from pytest_django import DjangoDbBlocker

import ledger.clock
from devtools.embedded import APP
from tests import databases, serving, workers
from tests.accessible import Seen
from tests.clocks import Clock, frozen_clock
from tests.databases import Snapshot
from tests.histories import ClinicFactory
from tests.offline import _offline
from tests.security.writes import Writes
from ui.forms import BaseForm

__all__ = ["_offline"]

#: Statements are counted, whatever the second: here each reading of the clock is compared with PostgreSQL's.
ledger.clock.HOLDS = 0.0

#: Lays a snapshot; gives what is known of it.
type RestoreSnapshot = Callable[[Snapshot[Any]], Any]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database a worker, copied from the migrated template; the tests work in it as the application's role."""
    name = f"test_{workers.NUMBER}"
    with django_db_blocker.unblock():
        databases.template()
        databases.copy(name)
        databases.point(name)
        assert connections["default"].settings_dict["USER"] == APP
        yield
        databases.close()


@pytest.fixture(scope="session")
def _emptied(django_db_setup: None) -> Iterator[databases.Emptied]:
    emptied = databases.Emptied(databases.name())
    yield emptied
    emptied.close()


@pytest.fixture
def committed(_emptied: databases.Emptied, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Real commits, seen by other connections; everything is removed afterwards. Gives the database's name."""
    with django_db_blocker.unblock():
        yield databases.name()
        connections["default"].close()
        _emptied.empty()


_copies = itertools.count(1)


@pytest.fixture
def restored_snapshot(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, clock: Clock
) -> Iterator[RestoreSnapshot]:
    """Real commits in a copy of a snapshot, of the test's own. Gives what lays one and sets the clock by it."""
    before, own = databases.name(), list[str]()

    def restore(snapshot: Snapshot[Any]) -> Any:
        kept = snapshot.made()
        own.append(f"{before}_{next(_copies)}")
        databases.copy(own[-1], of=snapshot.database)
        databases.point(own[-1])
        clock.at = kept.at
        return kept.value

    with django_db_blocker.unblock():
        yield restore
        databases.point(before)
        for name in own:
            databases.drop(name)


@pytest.fixture
def shared_snapshot(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, clock: Clock
) -> Iterator[RestoreSnapshot]:
    """As `restored_snapshot`, in a copy that the tests of this worker share: for those that roll back, and ask for `db`
    after it."""
    before = databases.name()

    def restore(snapshot: Snapshot[Any]) -> Any:
        name, kept = f"{before}_{snapshot.name}", snapshot.made()
        if name not in _shared:
            databases.copy(name, of=snapshot.database)
            _shared.add(name)
        databases.turn(name)
        clock.at = kept.at
        return kept.value

    with django_db_blocker.unblock():
        yield restore
        databases.turn(before)


_shared = set[str]()


#: Seconds that a browser, a page or a process may take in a test.
PATIENCE = 30

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--renderer-process-limit=1",  # a page need not wait for a process of its own
    "--js-flags=--no-opt --no-maglev",  # no page lives long enough for code that is made quick
]  # fmt: skip


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium."""
    return {
        "executable_path": shutil.which("chromium-headless-shell") or shutil.which("chromium"),
        "args": FLAGS,
        "timeout": PATIENCE * 1000,
    }


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server for the browser (`tests.serving`)."""
    yield from serving.serve()


@pytest.fixture(scope="session")
def seen() -> Seen:
    """What axe has seen in this worker."""
    return Seen()


@pytest.fixture(scope="session")
def _contexts(browser: Browser) -> dict[str, BrowserContext]:
    """The browser's contexts, each by its arguments; they end with the browser."""
    expect.set_options(timeout=PATIENCE * 1000)
    return {}


@pytest.fixture
def context(
    browser: Browser,
    browser_context_args: dict[str, Any],
    _contexts: dict[str, BrowserContext],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[BrowserContext]:
    """One for all tests of a worker: what the browser fetched it keeps, as a reader's does. A test finds no cookie, and
    no page; pages keep nothing else (`tests/ui/test_pages.py`). A test that changes more of a context has its own.
    """
    if "own_context" in request.keywords:
        with browser.new_context(**browser_context_args) as own:
            own.set_default_timeout(PATIENCE * 1000)
            yield own
        return
    name = repr(sorted(browser_context_args.items()))
    if name not in _contexts:
        _contexts[name] = browser.new_context(**browser_context_args)
        _contexts[name].set_default_timeout(PATIENCE * 1000)
        _contexts[name].new_page()  # while one page is open, so is the process that draws the others
    kept = _contexts[name]
    monkeypatch.setattr(type(kept.clock), "install", _of_all_pages)
    yield kept
    for page in kept.pages[1:]:
        page.close()
    kept.clear_cookies()


def _of_all_pages(*_: Any, **__: Any) -> None:
    pytest.fail("a clock is that of all pages of a context: mark the test with `own_context`")


@pytest.fixture
def clock() -> Iterator[Clock]:
    """What `ledger.clock.now` reads in this test; begins on 1 December 2026, nine in the morning in New York."""
    with frozen_clock(datetime(2026, 12, 1, 14, tzinfo=UTC)) as clock:
        yield clock


@pytest.fixture(scope="session", autouse=True)
def _as_in_every_test(django_test_environment: None) -> Iterator[None]:
    """What holds in all tests, laid once: that a setting has changed is told to a dozen places of Django's each time.

    - How dear a password is to try is tested where it is meant (`test_user.py`), and costs a second a story.
    - No worker stands beside the tests: waking is tested where it is meant.
    - Whatever form is validated in whichever test: no statement in it writes.
    - Of a page that is drawn its own template is told, and not each part of it: a client keeps a copy of what each
      part was given, and no test asks for those.
    - The set of icons is opened once: its table of 1,700 names is otherwise read anew for each icon.
    """
    validate = BaseForm.full_clean

    def watch(form: BaseForm) -> None:
        writes = Writes()
        with connections["default"].execute_wrapper(writes):
            validate(form)
        assert not writes.tables, f"validating a {type(form).__name__} writes {writes.tables}"

    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
    ):
        patch.setattr("outbox.box._notifying", False)
        patch.setattr(BaseForm, "full_clean", watch)
        patch.setattr(Template, "_render", _told_once)
        patch.setattr("lucide.ZipFile", lambda *_: nullcontext(_icons()))
        yield


@functools.cache
def _icons() -> ZipFile:
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))


_drawing = ContextVar("_drawing", default=False)


def _told_once(template: Template, context: Context) -> SafeString:
    if _drawing.get():
        return template.nodelist.render(context)
    template_rendered.send(sender=template, template=template, context=context)
    drawing = _drawing.set(True)
    try:
        return template.nodelist.render(context)
    finally:
        _drawing.reset(drawing)


@pytest.fixture(autouse=True)
def _as_in_each_test(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test finds the checkpoints of another handed out; and a line beneath a fault is written where it is read.

    To write it is a tenth of a page, and of a page that is refused a fourth.
    """
    django_settings.CHECKPOINT_FOLDER = tmp_path_factory.getbasetemp() / f"checkpoints-{uuid4()}"
    logging.disable(logging.NOTSET if "caplog" in request.fixturenames else logging.WARNING)
    if "notifies_worker" in request.keywords:
        request.getfixturevalue("monkeypatch").setattr("outbox.box._notifying", True)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def empty_cache(db: None) -> Iterator[None]:
    """For tests of what is counted in the cache: no test begins with another's counts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clinic(db: None, clock: Clock) -> ClinicFactory:
    """A practice and two pharmacies, on a day on which `ClinicFactory.ready` gives patients who may be dispensed to."""
    clock.set("2026-12-15T11:00-05:00")
    return ClinicFactory()


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that count within a minute, or send a code of this half minute: it lasts as long as the test.

    Each look at the clock is a little later than the one before, as counted attempts are told apart by their times.
    """
    at = itertools.count(int(time.time() * 1_000_000))
    monkeypatch.setattr(time, "time", lambda: next(at) / 1_000_000)


@pytest.fixture(scope="session", autouse=True)
def _middleware_loaded_once() -> Iterator[None]:
    """The clients of a worker share a chain of middleware, which a server loads once too; until a setting is changed.

    To load it is half of an empty page.
    """
    loaded = dict[str, Any]()
    load = ClientHandler.load_middleware

    def load_once(self: ClientHandler, is_async: bool = False) -> None:
        if not loaded:
            load(self, is_async)
            loaded.update({name: value for name, value in vars(self).items() if "middleware" in name})
        vars(self).update(loaded)

    def forget(**_: Any) -> None:
        loaded.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_once)
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(scope="session", autouse=True)
def _posted_as_by_a_browser() -> Iterator[None]:
    """What a client posts is encoded as a browser encodes a form without files, which Django reads in a fifth of the
    time that parts take.

    Files are sent in parts; and a text that is refused for its length when so encoded, to get to its field.
    """
    post = Client.post

    def posted(self: Client, path: str, data: Any = None, content_type: str | None = None, **more: Any) -> Any:
        if content_type is not None:
            return post(self, path, data, content_type, **more)
        if any(hasattr(value, "read") for value in (data or {}).values()):
            return post(self, path, data, **more)
        encoded = urlencode(data or {}, doseq=True)
        if len(encoded) > django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return post(self, path, data, **more)
        return post(self, path, encoded, "application/x-www-form-urlencoded", **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "post", posted)
        yield


@pytest.fixture
def scenarios() -> Callable[[], Path]:
    """The folder of the published scenarios; a test that needs it is skipped where the checkout has none beside it."""

    def find() -> Path:
        folder = Path(__file__).resolve().parent.parent.parent / "shared" / "scenarios"
        if not folder.exists():
            pytest.skip("no scenarios beside this checkout")
        return folder

    return find


@pytest.fixture
def at_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message goes alone and as soon as it is due, for tests of other things than the reader's hours."""
    monkeypatch.setattr("outbox.box._TIMINGS", {})
