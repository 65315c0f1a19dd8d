"""The store of the rate limits: a count stays until its time is over, whoever makes how many others, and no longer."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import rate_limits, tasks
from accounts.models import RateLimitCount
from accounts.rate_limit_store import remove_expired
from accounts.roles import PATIENT
from outbox import heartbeats, turns
from tests import amount, databases, factories
from tests.factories import PASSWORD

#: From so many addresses at once.
MANY = amount.share(100_000, 20_000)
ATTACK = """
INSERT INTO accounts_ratelimitcount (key, value, expires_at)
SELECT ':1:allauth:rl:accounts:sign_in_failed:30/60/ip:ip:10.' || place, '[1.0]', to_timestamp(%s)
FROM generate_series(1, %s) AS place
"""


def attack(addresses: int, *, seconds: float) -> None:
    """So many addresses have failed once; the counts hold for so long from now."""
    with connection.cursor() as cursor:
        cursor.execute(ATTACK, [time.time() + seconds, addresses])


class Seconds:
    """The clock by which attempts are counted."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    clock = Seconds()
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.mark.django_db
def test_an_attack_from_many_addresses_resets_nobodys_count(seconds: Seconds) -> None:
    user, path = factories.account(PATIENT, password=PASSWORD), reverse("account_login")
    for place in range(5):
        Client().post(path, {"login": user.email, "password": f"wrong {place}"})
    attack(MANY, seconds=60)
    for place in range(50):
        Client(REMOTE_ADDR=f"10.1.1.{place}").post(path, {"login": "nobody@clinic.example", "password": "wrong"})
    client = Client(REMOTE_ADDR="10.9.9.9")
    client.post(path, {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert RateLimitCount.objects.count() > MANY


@pytest.mark.django_db
def test_the_worker_removes_an_attack_when_its_time_is_over_and_nothing_else(seconds: Seconds) -> None:
    attack(MANY, seconds=60)
    cache.set("a-day", [1.5], 86_400)
    assert tasks.remove_expired_counts() == 0
    seconds.now += 61
    assert tasks.remove_expired_counts() == MANY
    assert [row.key for row in RateLimitCount.objects.all()] == [":1:a-day"]
    assert cache.get("a-day") == [1.5]
    assert heartbeats.RATE_LIMITS in heartbeats.last()
    assert settings.CELERY_BEAT_SCHEDULE["rate-limits"]["task"] == tasks.remove_expired_counts.name


@pytest.mark.django_db
def test_what_is_left_after_a_turn_is_queued(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(tasks, "queue", queued.append)
    monkeypatch.setattr(tasks, "BATCH", 100)
    monkeypatch.setattr(turns.Turn, "is_over", lambda _turn: left() < 300)
    attack(350, seconds=-1)
    assert tasks.remove_expired_counts() == 100
    assert queued == [tasks.remove_expired_counts]


def left() -> int:
    return RateLimitCount.objects.count()


@pytest.mark.django_db
def test_removing_is_done_by_the_index_of_the_time() -> None:
    attack(20_000, seconds=300)
    attack_of_before = "UPDATE accounts_ratelimitcount SET expires_at = to_timestamp(1) WHERE key LIKE '%%:10.77'"
    with connection.cursor() as cursor:
        cursor.execute(attack_of_before)
        cursor.execute("ANALYZE accounts_ratelimitcount")
        with CaptureQueriesContext(connection) as queries:
            assert remove_expired(5000) == 1
        cursor.execute("EXPLAIN " + queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "accounts_ratelimitcount_expires_at" in plan
    assert "Seq Scan" not in plan


@pytest.mark.django_db
@pytest.mark.parametrize("others", [0, 3000])
def test_each_write_is_one_statement_however_many_counts_there_are(others: int) -> None:
    attack(others, seconds=300)
    for change in (cache.set, cache.add):
        with CaptureQueriesContext(connection) as queries:
            change("mine", [1.5], 300)
        assert len(queries) == 1
        assert "count(" not in queries[0]["sql"].lower()


@pytest.mark.django_db
def test_it_keeps_what_a_cache_of_django_keeps(seconds: Seconds) -> None:
    assert cache.add("key", 1, 300)
    assert not cache.add("key", 2, 300)
    assert cache.get("key") == 1
    cache.set("key", {"a": [0.1 + 0.2, True, None]}, 300)
    assert cache.get("key") == {"a": [0.1 + 0.2, True, None]}
    assert cache.touch("key", 400)
    seconds.now += 350
    assert "key" in cache
    seconds.now += 51
    assert cache.get("key", "none") == "none"
    assert not cache.touch("key", 300)
    assert cache.add("key", 3, 300), "what has expired is as good as gone"
    assert cache.incr("key", 4) == 7
    assert cache.get_many(["key", "other"]) == {"key": 7}
    with pytest.raises(ValueError, match="no such count"):
        cache.incr("other")
    assert cache.delete("key")
    assert not cache.delete("key")
    cache.set("for-ever", 1, None)
    cache.set("no-longer", 1, 0)
    seconds.now += 10**9
    assert remove_expired(10) == 1
    assert cache.get("for-ever") == 1
    cache.clear()
    assert not left()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Each with a connection of its own."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def closing(step: Any) -> Any:
    try:
        return step()
    finally:
        connections.close_all()


def test_of_many_who_add_one_key_at_once_one_has_added_it(committed: str, threads: ThreadPoolExecutor) -> None:
    cache.set("expired", 0, -1)
    for add in (lambda: cache.add("new", 1, 300), lambda: cache.add("expired", 1, 300)):
        assert sum(threads.map(closing, [add] * 8)) == 1


def test_no_count_is_lost_among_many_at_once(committed: str, threads: ThreadPoolExecutor) -> None:
    cache.set("number", 0, 300)
    list(threads.map(closing, [lambda: cache.incr("number")] * 40))
    assert cache.get("number") == 40

    def fail() -> bool:
        request = RequestFactory().post("/", REMOTE_ADDR="10.0.0.7")
        return rate_limits.consume(request, "sign_in_failed") is not None

    examined = sum(threads.map(closing, [fail] * 40))
    (kept,) = RateLimitCount.objects.filter(key__contains="10.0.0.7").exclude(key__endswith="lock")
    # Who waited too long for the turn is refused unexamined.
    assert examined == len(kept.value) <= 30
    assert examined >= 8


def test_a_count_that_is_renewed_while_the_worker_removes_stays(committed: str) -> None:
    cache.set("renewed", 1, -1)
    cache.set("gone", 1, -1)
    with databases.owner_connection(databases.name()) as other, other.transaction():
        other.execute("UPDATE accounts_ratelimitcount SET expires_at = 'infinity' WHERE key LIKE '%renewed'")
        assert remove_expired(10) == 1
    assert remove_expired(10) == 0
    assert cache.get("renewed") == 1
