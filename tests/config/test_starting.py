"""A process that was forked, with the libraries loaded, is told by nothing else from one that begins with nothing."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.config import starting
from tests.config.starting import ROOT, START

#: What a process knows of itself.
PROBE = """
import json, os, signal, sys, threading, warnings
print(json.dumps({
    "arguments": sys.argv, "name": __name__, "main": sys.modules["__main__"].__dict__ is globals(),
    "path": os.path.abspath(sys.path[0]), "folder": os.getcwd(), "environment": dict(os.environ),
    "signals": {number: str(signal.getsignal(number)) for number in range(1, 32)},
    "open": [n for n in os.listdir("/proc/self/fd") if int(n) > 2 and os.path.exists(f"/proc/self/fd/{n}")],
    "threads": threading.active_count(), "is a leader": os.getsid(0) == os.getpid(), "input": sys.stdin.read(),
}))
sys.stderr.write("said")
sys.exit(int(sys.argv[1]))
"""

ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "SOMETHING": "else"}


def by_itself(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    null = subprocess.DEVNULL
    return subprocess.run(
        command, cwd=cwd, env=ENV, stdin=null, capture_output=True, text=True, check=False, start_new_session=True
    )


def told(done: subprocess.CompletedProcess[str]) -> tuple[int, str, dict[str, Any]]:
    return done.returncode, done.stderr, json.loads(done.stdout)


@pytest.mark.parametrize("way", ["-c", "-m", "a file"])
def test_it_is_started_as_any_process_is(tmp_path: Path, way: str) -> None:
    (tmp_path / "probe.py").write_text(PROBE)
    begin = {"-c": ["-c", PROBE], "-m": ["-m", "probe"], "a file": [str(tmp_path / "probe.py")]}[way]
    for code in ("0", "3"):
        assert told(starting.run([*begin, code], env=ENV, cwd=tmp_path)) == told(by_itself(*begin, code, cwd=tmp_path))


#: How a process ends that does not end well.
ENDS = {
    "with words": "raise SystemExit('no')",
    "with a fault": "1 / 0",
    "by a signal": "import os; os.kill(os.getpid(), 15)",
}


@pytest.mark.parametrize("how", ENDS)
def test_it_ends_as_any_process_does(how: str) -> None:
    done, other = starting.run(["-c", ENDS[how]], env=ENV), by_itself("-c", ENDS[how])
    assert done.returncode == other.returncode
    assert done.stdout == other.stdout == ""
    assert done.stderr.splitlines()[-1:] == other.stderr.splitlines()[-1:]


def test_a_warning_that_it_was_not_to_say_is_not_said() -> None:
    warn = ["-c", "import warnings\nwarnings.warn('You see this')\nwarnings.warn('And that')"]
    assert "You see this" in starting.run(warn, env=ENV).stderr
    said = starting.run(["-W", "ignore:You see", *warn], env=ENV).stderr
    assert ("You see this" in said, "And that" in said) == (False, True)


@pytest.mark.skipif(not starting.forks(), reason="nothing is forked")
def test_it_has_loaded_nothing_of_ours_and_no_settings() -> None:
    files = "[getattr(module, '__file__', None) for module in list(sys.modules.values())]"
    code = f"import json, sys, django.conf; print(json.dumps([{files}, django.conf.settings.configured]))"
    loaded, configured = json.loads(starting.run(["-c", code], env=ENV).stdout)
    ours = [file for file in loaded if file and Path(file).is_relative_to(ROOT) and "/.venv/" not in file]
    assert (ours, configured) == ([], False)
    assert len(loaded) > 1500


def test_a_process_that_runs_is_waited_for_and_ended() -> None:
    process, said = starting.saying(["-c", "import time; print('here', flush=True); time.sleep(600)"], env=ENV)
    with said:
        assert said.readline() == "here\n"
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.terminate()
    assert process.wait(START) == process.poll() == -signal.SIGTERM
    process.kill()  # nobody is there any more
