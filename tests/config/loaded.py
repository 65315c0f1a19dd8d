"""A Python that has the libraries loaded, and becomes whatever process it is asked to be.

To import what is not ours is most of what a process of this application takes to start. This one has done it, and
nothing else: no module of ours, no settings. For each process that is asked for it forks; what came of the fork has the
arguments, the folder, the environment and the output that it would have been started with, and reads the settings and
all of ours by itself. `starting.py` asks it, of all workers of a run the same one: it ends when the run's folder goes.
It is run by its path, so that the package of the tests is not imported.
"""

import gc
import json
import os
import re
import runpy
import select
import signal
import socket
import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

#: What processes of the application import, web server, worker, beat and commands, and what needs no settings for it.
LIBRARIES = (
    "allauth.account", "allauth.core", "anymail.exceptions", "anymail.signals", "billiard.heap",
    "billiard.popen_fork", "billiard.sharedctypes", "billiard.synchronize", "celery.app.amqp", "celery.app.control",
    "celery.app.events", "celery.app.log", "celery.apps.beat", "celery.apps.worker", "celery.backends.base",
    "celery.bin.celery", "celery.concurrency.prefork", "celery.contrib.django.task", "celery.events.state",
    "celery.fixups.django", "celery.worker.components", "celery.worker.consumer.delayed_delivery",
    "celery.worker.strategy", "crispy_forms.helper", "cryptography.fernet", "cryptography.x509", "csv",
    "django.contrib.postgres.constraints", "django.contrib.staticfiles.storage", "django.core.mail.backends.smtp",
    "django.core.management.commands.migrate", "django.core.servers.basehttp", "django.db.backends.postgresql.base",
    "django.db.migrations.writer", "django.middleware.common", "django.middleware.csp", "django.middleware.csrf",
    "django.middleware.security", "django.shortcuts", "django.views.decorators.cache", "django.views.defaults",
    "django.views.generic", "django_structlog.middlewares", "environ",
    "fido2.server", "fontTools.ttLib", "gunicorn.app.wsgiapp", "gunicorn.workers.sync", "holidays", "icalendar",
    "kombu.transport.redis", "lucide", "phonenumbers", "prometheus_client", "pyhanko.sign", "requests", "rfc8785",
    "segno", "typst", "whitenoise.middleware",
)  # fmt: skip


def main(address: str) -> None:
    """Load, then fork for whoever comes to that socket. Ends only as the process that was asked for."""
    for name in LIBRARIES:
        import_module(name)
    gc.collect()
    gc.freeze()
    # Nobody waits for those that wait for the processes.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(64)
        while True:
            if select.select([door], [], [], 1)[0]:
                who, _ = door.accept()
                if os.fork() == 0:
                    break
                who.close()
            elif not os.path.exists(address):
                return
    become(**begun(who))


def begun(who: socket.socket) -> dict[str, Any]:
    """The request, in a process of its own; the one between tells who asked its number, and at its end how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with who, who.makefile() as lines:
        _, (out, error), _, _ = socket.recv_fds(who, 1, 2)
        request: dict[str, Any] = json.loads(lines.readline())
        if process := os.fork():
            with suppress(OSError):
                who.sendall(f"{process}\n".encode())
                _, status = os.waitpid(process, 0)
                who.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            os._exit(0)
    os.setsid()
    for file, number in ((out, 1), (error, 2)):
        os.dup2(file, number)
        os.close(file)
    return request


def become(arguments: Sequence[str], cwd: str, env: dict[str, str]) -> None:
    """Be `python ARGUMENTS` in that folder and environment."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.modules.pop("__mp_main__", None)  # it is this one
    rest = list(arguments)
    while rest[0] == "-W":
        action, _, message = rest[1].partition(":")
        warnings.filterwarnings(action, re.escape(message))  # type: ignore[arg-type]
        rest = rest[2:]
    if rest[0] == "-m":
        sys.path[0], sys.argv = os.getcwd(), rest[1:]
        runpy.run_module(rest[1], run_name="__main__", alter_sys=True)
    elif rest[0] == "-c":
        sys.path[0], sys.argv = "", ["-c", *rest[2:]]
        sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(rest[1], "<string>", "exec"), vars(sys.modules["__main__"]))
    else:
        sys.path[0], sys.argv = os.path.dirname(os.path.abspath(rest[0])), rest
        runpy.run_path(rest[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1])
