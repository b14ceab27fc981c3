from __future__ import annotations

import os
import signal

from agency import supervisor
from agency.children import Child, Children
from tests.waiting import wait_until


def test_at_the_end_it_says_why_and_that_it_is_over() -> None:
    said: list[str] = []
    with supervisor._stop_by_signal(), Children(said.append):
        os.kill(os.getpid(), signal.SIGHUP)
        wait_until(lambda: False, 60)
    assert said == ["Stopping: signal 1 (SIGHUP)", "Stopped."]


def test_the_child_that_ended_everything_is_named() -> None:
    said: list[str] = []
    with Children(said.append) as children:
        children.start(Child("web", ["this"], restarts=False))
        wait_until(children.revive, 120)
    told = [line for line in said if not line.startswith("web     |")]
    assert told == ["Stopping: web ended with status 0.", "Stopped."]
