"""python -m agency.leash FD MODULE [ARGUMENT…]: runs the module in this process, which ends when its parent does.

However the parent ends, kill -9 included. FD is the read end of a pipe whose write end only the parent holds. Nothing of
Django is imported here: the sandbox is run by it too.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
import threading


def main() -> None:
    fd, module = int(sys.argv[1]), sys.argv[2]
    if not signalled_by_kernel():
        threading.Thread(target=end_with_pipe, args=(fd,), name="leash", daemon=True).start()
    elif _is_orphan(fd):
        return
    sys.argv = sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def signalled_by_kernel() -> bool:
    """Linux sends us SIGTERM when the parent is gone; elsewhere False."""
    if not sys.platform.startswith("linux"):
        return False
    set_parent_death_signal = 1
    refused: int = ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal.SIGTERM, 0, 0, 0)
    return refused == 0


def end_with_pipe(fd: int) -> None:
    """Waits until the last writer is gone, which is what the kernel sees to whatever ended it."""
    os.read(fd, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _is_orphan(fd: int) -> bool:
    """Whether the parent was gone before the kernel was asked."""
    os.set_blocking(fd, False)
    try:
        return os.read(fd, 1) == b""
    except BlockingIOError:
        return False


if __name__ == "__main__":
    main()
