from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings

CHILD = """
import signal, sys, threading
from agency import leash
threading.Thread(target=leash.end_with_pipe, args=({fd},), daemon=True).start()
print("up", flush=True)
signal.pause()
"""


def test_where_the_kernel_does_not_tell_the_pipe_does() -> None:
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(fd=reading)], cwd=settings.BASE_DIR, pass_fds=(reading,), stdout=subprocess.PIPE
    )
    os.close(reading)
    with child:
        assert child.stdout
        assert child.stdout.readline() == b"up\n"
        assert child.poll() is None
        os.close(writing)
        assert child.wait(60) == -15


def test_a_child_whose_parent_is_gone_already_does_not_start() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    # `this` would print a poem.
    done = subprocess.run(
        [sys.executable, "-m", "agency.leash", str(reading), "this"],
        cwd=settings.BASE_DIR,
        pass_fds=(reading,),
        capture_output=True,
        check=True,
        timeout=60,
    )
    os.close(reading)
    assert done.stdout == b""
