"""Links the environment's Python statically, where it was built with a shared library.

Such a Python reaches each of its own functions by a table: the tests need a tenth more of a processor. Needs nothing
but Python, and is run by its path (`bin/environment`). See docs/decisions/0041-python-is-linked-statically.md.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

#: Where Linux tells what a process has loaded.
_LOADED = Path("/proc/self/maps")


def shares_its_library() -> bool:
    """Whether this process has loaded Python as a library."""
    return _LOADED.is_file() and "libpython" in _LOADED.read_text()


def command(target: Path) -> list[str] | None:
    """What links a Python to `target`; None where there is no compiler, or no static library beside the shared one."""
    folder, library, compiler = map(sysconfig.get_config_var, ("LIBPL", "LIBRARY", "CC"))
    whole, start = Path(folder, library), Path(folder, "python.o")
    found = shutil.which(shlex.split(compiler)[0])
    if found is None or not whole.is_file() or not start.is_file():
        return None
    needed = [word for name in ("LIBS", "SYSLIBS") for word in shlex.split(sysconfig.get_config_var(name) or "")]
    archive = ["-Wl,--export-dynamic", "-Wl,--whole-archive", str(whole), "-Wl,--no-whole-archive"]
    return [found, "-no-pie", "-s", "-o", str(target), str(start), *archive, *needed]


def _leaves_its_folder(file: Path) -> bool:
    """Of an environment's links to Python one leads out of it, and the others to that one."""
    return file.is_symlink() and os.path.isabs(os.readlink(file))


def link() -> None:
    """Put a Python that is linked statically in the place of the environment's link to the shared one.

    Nothing happens where there is nothing to gain, nothing to link it with, or no such link: some environments are
    copies. Where linking fails it is said, and the environment stays as it was.
    """
    folder = Path(sys.prefix, "bin")
    new = folder / "python.new"
    words = command(new) if shares_its_library() else None
    place = next(filter(_leaves_its_folder, folder.glob("python*")), None)
    if words is None or place is None:
        return
    try:
        subprocess.run(words, check=True, capture_output=True, text=True)
        subprocess.run([new, "-c", "import ctypes, sqlite3, ssl"], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        new.unlink(missing_ok=True)
        sys.stderr.write(f"Python stays linked with its shared library: {error.stderr.strip()[-500:]}\n")
    else:
        new.replace(place)


if __name__ == "__main__":
    link()
