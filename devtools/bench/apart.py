"""A part of a bench in a process of its own, beside servers of its own that are removed afterwards."""

import os
import subprocess
import sys

from devtools import embedded


def run_apart(module: str, name: str, *arguments: str, is_read: bool = False) -> str:
    """Run that module with these arguments; what it printed, where that `is_read` instead of shown.

    `name` tells its servers' folder from others of this process. Raises CalledProcessError where it fails.
    """
    base = embedded.folder(f"bench-{os.getpid()}-{name}")
    environment = os.environ | {
        "CLEARFILL_FOLDER": str(base), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    out = subprocess.PIPE if is_read else None
    try:
        embedded.ensure_postgres(base)
        embedded.ensure_redis(base)
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, env=environment, stdout=out, text=True, check=True).stdout or ""
    finally:
        embedded.stop(base, delete=True)
