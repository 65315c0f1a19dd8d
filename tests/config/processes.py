"""What is to be known of other processes."""

import psutil


def runs(pid: int) -> bool:
    """It runs, and is not merely waiting for its parent to notice that it ended."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
