"""Good keys that are not the program's, made once a worker: to make them takes a third of a second."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from ledger import keys


@cache
def made() -> Path:
    """A folder of them, which nobody changes."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["CLEARFILL_FOLDER"]))
    keys.make(folder)
    return folder


def copied(to: Path) -> Path:
    """The same in a folder of the test's own, which may be there."""
    return shutil.copytree(made(), to, dirs_exist_ok=True)
