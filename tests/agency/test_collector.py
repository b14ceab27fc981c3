"""What a process has loaded, the garbage collector does not go through once more as it ends."""

from __future__ import annotations

import subprocess
import sys

from agency.settings import BASE_DIR

#: Handlers are called in the reverse order: this one last, as nothing is frozen before the end.
LAST = """
import atexit, gc
atexit.register(lambda: print(gc.get_freeze_count()))
import django
django.setup()
print(gc.get_freeze_count())
"""


def test_it_leaves_alone_what_is_loaded_at_the_end_and_not_before() -> None:
    told = subprocess.run([sys.executable, "-c", LAST], cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout.split()
    running, ended = map(int, told)
    assert running < 1_000
    assert ended > 10_000
