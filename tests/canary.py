"""Canaries: secrets that must turn up nowhere. A test sends them through the product and asks where they were seen.

    def test_a_tour(canary, cast):
        canary.client.force_login(cast.ann)
        canary.client.post("/connections/new/", {"api_key": canary.api_key, …})
        canary.look("a file", exported)
        assert canary.sightings() == []

Watched by itself while the fixture lives: every log record of every logger at DEBUG, every message to the queue, every answer to
`canary.client`, and the full report (settings, local variables, POST) of every exception that a request ended in. What else a
secret could reach is shown to `look`. `forget` a canary that a page shows on purpose, for that one look. A token in an address is
in the report of any exception at that address: such reports are made by DEBUG and by ADMINS only, and neither is set.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.core.signals import got_request_exception
from django.test import Client
from django.views.debug import ExceptionReporter

from agency.logs import LineFormatter


class Canary:
    def __init__(self, settings: Any) -> None:
        self.api_key = f"ia-canary-{secrets.token_hex(12)}"
        self.password = f"canary pass {secrets.token_hex(8)}"
        self.known: dict[str, str] = {
            "api key": self.api_key,
            "password": self.password,
            "SECRET_KEY": settings.SECRET_KEY,
            **{f"CREDENTIAL_KEYS[{n}]": key for n, key in enumerate(settings.CREDENTIAL_KEYS)},
        }
        self._sightings: list[str] = []
        self.client = _WatchedClient(self)

    def watch(self, name: str, secret: str) -> str:
        """One more canary, such as a token that the product made."""
        self.known[name] = secret
        return secret

    def look(self, where: str, text: str | bytes) -> None:
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        self._sightings += [f"{name} in {where}" for name, secret in self.known.items() if secret in shown]

    @contextmanager
    def forget(self, *names: str) -> Iterator[None]:
        kept = {name: self.known.pop(name) for name in names if name in self.known}
        yield
        self.known |= kept

    def sightings(self) -> list[str]:
        return sorted(set(self._sightings))


class _WatchedClient(Client):
    def __init__(self, canary: Canary) -> None:
        super().__init__(raise_request_exception=False)
        self.canary = canary

    def request(self, **environ: Any) -> Any:
        response: Any = super().request(**environ)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        self.canary.look(f"the answer to {environ['REQUEST_METHOD']} {environ['PATH_INFO'].split('/')[1]}", content)
        self.canary.look("headers", str({k: v for k, v in response.headers.items() if k != "Location"}))
        return response


class _Listener(logging.Handler):
    def __init__(self, canary: Canary) -> None:
        super().__init__(logging.DEBUG)
        self.canary = canary
        self.setFormatter(LineFormatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.canary.look(f"the log of {record.name}", self.format(record))


@pytest.fixture
def canary(settings: Any) -> Iterator[Canary]:
    watching = Canary(settings)
    listener = _Listener(watching)
    loggers = [logging.getLogger(name) for name in ("", *logging.root.manager.loggerDict)]
    levels = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    alone = [logger for logger in loggers if logger is logging.root or not logger.propagate]
    for logger in alone:
        logger.addHandler(listener)

    def report(request: Any, **_: Any) -> None:
        watching.look("the report of an exception", ExceptionReporter(request, *sys.exc_info()).get_traceback_text())
        watching.look("the page of an exception", ExceptionReporter(request, *sys.exc_info()).get_traceback_html())

    def published(body: Any, headers: Any, **_: Any) -> None:
        watching.look("the queue", f"{body} {headers}")

    got_request_exception.connect(report)
    before_task_publish.connect(published)
    try:
        yield watching
    finally:
        before_task_publish.disconnect(published)
        got_request_exception.disconnect(report)
        for logger in alone:
            logger.removeHandler(listener)
        for logger, level in levels:
            logger.setLevel(level)
