from __future__ import annotations

import contextlib
import os
import threading
from argparse import ArgumentParser
from typing import Any

from agency.management.own import OwnCommand
from agency.supervisor import Wishes, run


class Command(OwnCommand):
    help = "The whole product in this terminal: web, worker and the demo's sandbox. Ctrl-C stops all of it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or None, help="8000, or the next free one")
        parser.add_argument("--no-demo", action="store_false", dest="demo", help="neither a demo agency nor a sandbox")
        parser.add_argument("--until-parent-ends", action="store_true", help="stop when the process that started this is gone")

    def handle(self, *, host: str, port: int | None, demo: bool, until_parent_ends: bool, **_: Any) -> None:
        lock = threading.Lock()

        def say(text: str) -> None:
            # A terminal that went away must not stop what is logged to it.
            with lock, contextlib.suppress(OSError, ValueError):
                self.stdout.write(text)
                self.stdout.flush()

        run(Wishes(host, port, demo, until_parent_ends), say)
