"""The product, in a web process that kills itself where a delivery says so: what it did stands, and nobody hears of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

#: A header that no vendor sends.
DIE = "X-Die-Before-The-Answer"
_product = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    answer: Iterable[bytes] = _product(environ, start_response)
    if f"HTTP_{DIE.upper().replace('-', '_')}" in environ:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
