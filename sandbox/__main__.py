"""python -m sandbox: plays the vendor until it is told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from datetime import date
from pathlib import Path

from sandbox.server import Sandbox


def main() -> None:
    options = _options()
    try:
        box = Sandbox(options.seed, options.today, host=options.host, port=options.port, max_limit=options.max_limit)
    except (ValueError, OSError) as problem:
        raise SystemExit(f"sandbox: {problem}") from None
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with box:
        if options.port_file:
            _write(options.port_file, f"{box.port}\n")
        print(f"sandbox: InboxAlly, Instantly, imail, Inbox and InboxBase on {box.url}", flush=True)
        stopped.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Vendors' APIs, played on loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8901, help="0 = any free one")
    parser.add_argument("--port-file", type=Path, help="where to write the port")
    parser.add_argument("--seed", type=int, default=7, help="other numbers give other data")
    parser.add_argument("--today", type=date.fromisoformat, help="the clock stands at noon of this day")
    parser.add_argument("--max-limit", type=int, default=100, help="most rows of one page")
    return parser.parse_args()


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a starter polls for the file and must not read half a number."""
    part = path.with_name(path.name + f".{os.getpid()}")
    part.write_text(text)
    part.replace(path)


if __name__ == "__main__":
    main()
