"""A client that asks as fast as it is answered, over a fixed number of connections, and notes how long each took."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

Ask = tuple[str, dict[str, str] | None]

CSRF = "b" * 32
FOUND = 302
#: Where the counter's answers stand. A sign-in is measured by itself, without the page that it leads to.
ANSWERS = "/counter/answers/"


@dataclass(slots=True)
class Tally:
    """What came of a run: seconds each answer took, and how many answers were of each sort."""

    took: list[float] = field(default_factory=list)
    sorts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def __iadd__(self, other: "Tally") -> "Tally":
        self.took += other.took
        self.sorts = dict(Counter(self.sorts) + Counter(other.sorts))
        self.seconds += other.seconds
        return self

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the answers came."""
        ordered = sorted(self.took)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def line(self) -> str:
        """The run in a line."""
        sorts = ", ".join(f"{name} {count}" for name, count in sorted(self.sorts.items()))
        return (
            f"{self.rate:7.0f}/s   p50 {self.percentile(0.5):6.1f} ms   p99 {self.percentile(0.99):6.1f} ms   ({sorts})"
        )


def run(
    port: int,
    sessions: list[str],
    asks: Iterator[Ask],
    seconds: float,
    sort: Callable[[int, str], str],
    accept: str = "text/html",
    *,
    to_the_end: bool = True,
) -> Tally:
    """Ask what `asks` yields for so many seconds, over one connection a session.

    `to_the_end` is whether an answer is read where a form sends its reader.
    """
    tally, lock, until = Tally(), threading.Lock(), time.monotonic() + seconds
    answered = _answered if to_the_end else one

    def work(session: str) -> None:
        while time.monotonic() < until:
            with lock:
                ask = next(asks, None)
            if ask is None:
                return
            begun = time.monotonic()
            status, body = answered(port, session, ask, accept)[:2]
            took = time.monotonic() - begun
            with lock:
                tally.took.append(took)
                name = sort(status, body)
                tally.sorts[name] = tally.sorts.get(name, 0) + 1

    begun = time.monotonic()
    threads = [threading.Thread(target=work, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.seconds = time.monotonic() - begun
    return tally


def _answered(port: int, session: str, ask: Ask, accept: str) -> tuple[int, str]:
    """The answer, read where a form sends its reader: both requests are one ask."""
    status, body, location = one(port, session, ask, accept)
    if status != FOUND or not location.startswith(ANSWERS):
        return status, body
    return one(port, session, (location, None), accept)[:2]


def one(port: int, session: str, ask: Ask, accept: str) -> tuple[int, str, str]:
    """One answer: its status, its text, and where it leads."""
    path, form = ask
    headers = {"Accept": accept, "Cookie": f"sessionid={session}; csrftoken={CSRF}"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        if form is None:
            connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urlencode(form | {"csrfmiddlewaretoken": CSRF}), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Location", "")
    finally:
        connection.close()
