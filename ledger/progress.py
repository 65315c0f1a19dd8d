"""A bar for work that takes a while."""

import sys
import time

WIDTH = 30


class Progress:
    """How far something is, in one line of a terminal; elsewhere a line at each tenth."""

    def __init__(self, total: int, what: str) -> None:
        self.total, self.what = max(total, 1), what
        self.begun = time.monotonic()
        self._tenth = 0

    def at(self, done: int) -> None:
        """So many are done."""
        tenth = 10 * done // self.total
        if sys.stderr.isatty() or tenth > self._tenth:
            self._tenth = tenth
            bar = ("#" * (WIDTH * done // self.total)).ljust(WIDTH, ".")
            rate = done / max(time.monotonic() - self.begun, 0.001)
            left = (self.total - done) / rate if rate else 0
            end = "\r" if sys.stderr.isatty() and done < self.total else "\n"
            line = f"[{bar}] {done:>9,} of {self.total:,} {self.what}, {rate:,.0f} a second, {left:4.0f} s left"
            sys.stderr.write(line + end)
            sys.stderr.flush()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.begun
