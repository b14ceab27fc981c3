"""Pages in turns with the same pages from rows already in memory. Options: pages, sessions, rounds.

Both go through Django's whole stack. 'From memory': whatever asks the database gives what it gave once before (session,
user, membership, every function of `reports.queries` that is used), and the database is shut.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from statistics import median
from types import FunctionType
from typing import Any
from unittest.mock import patch

import django
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def main(options: dict[str, Any]) -> None:
    print(json.dumps({path: compare(path, **options) for path in options.pop("pages")}))


def compare(path: str, sessions: dict[str, str], rounds: int) -> dict[str, Any]:
    """Seconds (medians) of the page and of its rendering from memory; its queries for many clients and for one."""
    big, small = (browser(session) for session in sessions.values())
    fetched(big, path)  # the first request imports the views; what is imported while replaced would stay so
    remembered = Remembered(path, big)
    times: dict[str, list[float]] = {"page": [], "memory": []}
    for _ in range(rounds):
        times["page"].append(timed(lambda: fetched(big, path)))
        with remembered.in_memory():
            times["memory"].append(timed(remembered.render))
    ratios = [page / memory for page, memory in zip(times["page"], times["memory"], strict=True)]
    fetched(small, path)
    return {
        "page": median(times["page"]),
        "memory": median(times["memory"]),
        "ratio": median(ratios),
        "queries_many": queries(big, path),
        "queries_one": queries(small, path),
        "bytes": len(fetched(big, path).content),
    }


def browser(session: str) -> Any:
    found = Client(headers={"host": "localhost"})
    found.cookies[settings.SESSION_COOKIE_NAME] = session
    return found


def fetched(browser: Any, path: str) -> Any:
    response = browser.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def queries(browser: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        fetched(browser, path)
    return len(captured)


#: Module → its functions that ask the database, for the pages measured. A forgotten one meets a database that is shut.
ASKING = {
    "django.contrib.auth": ("get_user",),
    "agency.access": ("_membership",),
    "agency.pages": ("_other_agencies",),
    "clients.progress": ("unattended",),
    "reports.frame": ("find_client",),
    "reports.queries.freshness": ("accounts", "feeds_at_work"),
    "reports.queries.acts": ("changes",),
    "reports.queries.marks": ("marks",),
    "reports.queries.outreach_board": ("of_clients", "new_to_outreach"),
    "reports.queries.overview": ("clients", "inboxing", "details", "sender_counts", "connections_of"),
    "reports.queries.placement": ("by_vendor_and_day", "by_domain", "sender_tags", "since"),
}

type Function = Callable[..., Any]


class Remembered:
    """A page whose rows are in memory, as one real request found them."""

    def __init__(self, path: str, browser: Any) -> None:
        self.path, self.browser = path, browser
        self.found: dict[str, list[Any]] = defaultdict(list)
        with _replaced(self._recording):
            request = fetched(browser, path).wsgi_request
        self.session = dict(request.session.items())

    @contextmanager
    def in_memory(self) -> Iterator[None]:
        with _replaced(self._replaying), patch.object(SessionStore, "load", lambda _: dict(self.session)):
            yield

    def render(self) -> None:
        self.turn: dict[str, int] = defaultdict(int)
        with connection.execute_wrapper(_shut):
            fetched(self.browser, self.path)

    def _recording(self, name: str, function: Function) -> Function:
        def record(*args: Any, **kwargs: Any) -> Any:
            self.found[name].append(function(*args, **kwargs))
            return self.found[name][-1]

        return record

    def _replaying(self, name: str, _: Function) -> Function:
        def replay(*args: Any, **kwargs: Any) -> Any:
            self.turn[name] += 1
            return self.found[name][self.turn[name] - 1]

        return replay


def _shut(execute: object, sql: str, *_: object) -> None:
    raise AssertionError(f"not in memory: {sql[:300]}")


@contextmanager
def _replaced(by: Callable[[str, Function], Function]) -> Iterator[None]:
    """The functions that ask, wherever they were imported to."""
    asking = {getattr(import_module(module), name): f"{module}.{name}" for module, names in ASKING.items() for name in names}
    ours = [module for name, module in sys.modules.items() if name in ASKING or name.startswith("reports.")]
    with ExitStack() as stack:
        for module in ours:
            for name, value in list(vars(module).items()):
                if isinstance(value, FunctionType) and value in asking:
                    stack.enter_context(patch.object(module, name, by(asking[value], value)))
        yield


if __name__ == "__main__":
    django.setup()
    main(json.loads(sys.argv[1]))
