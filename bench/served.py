"""The product under gunicorn, and gunicorn's settings: it tells the port it got."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def when_ready(server: Any) -> None:
    file = Path(os.environ["BENCH_PORT_FILE"])
    part = file.with_suffix(".part")
    part.write_text(str(server.LISTENERS[0].sock.getsockname()[1]))
    part.replace(file)


def __getattr__(name: str) -> Any:
    # Made where a worker asks for it: gunicorn's master reads this module too.
    if name != "application":
        raise AttributeError(name)
    from agency.wsgi import application

    return application
