"""Apache Superset over the rows that the pages read: asked for what they show, beside them in the same run.

A page is a dashboard there, and a dashboard asks once for each of its charts. Of the Overview those are the inboxing of the
clients on its first page at each mailbox provider, that of the window before, day by day, and the agency's own; of the
Placement tab that of a client by day, by mailbox provider and day, by mailbox provider and week, and by sending domain. It is
treated well: it reads our roll-ups and answers in JSON, with inboxing alone; our pages hold counts, intervals, what changed,
accounts and senders as well.

Reference: https://superset.apache.org/admin-docs/6.1.0/configuration/configuring-superset
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from bench.filled import BIG, Filled
from bench.load import Load
from bench.places import HERE, database
from bench.processes import contender, web
from bench.rounds import say
from bench.superset_asked import TABLES, Question, charts, check
from bench.superset_installed import PEER

USER = {"username": "owner", "password": "long enough to be one"}
JSON = {"Content-Type": "application/json"}
PATH = "/api/v1/chart/data"
CACHED, ALONE = ", cached", ", its first chart alone"


@contextmanager
def serving(home: Filled) -> Iterator[dict[str, Load]]:
    """Under gunicorn as the pages are, its answers compared with ours. Page → what it is asked for; with CACHED behind the name,
    the same from its cache; with ALONE, one chart of it."""
    shown = contender("shown", home.place.environment, agency=BIG)
    rows = home.place.database_url
    with database(rows, f"{urlsplit(rows).path[1:]}_superset") as metadata:
        environment = _environment(home, metadata)
        say("setting up Superset")
        datasets = contender("superset_setup", environment, python=str(PEER), database=_uri(rows), tables=TABLES, **USER)
        with web(environment, application="superset.app:create_app()", python=str(PEER)) as (address, _):
            headers = {**JSON, "Authorization": f"Bearer {_token(address)}"}
            asked = charts(datasets, shown)
            for page, questions in asked.items():
                first, *others = [_posted(address + PATH, question, headers)["result"][0]["data"] for question in questions]
                check(first, shown["cells"][page], page)
                assert all(others), f"{page}: a chart of Superset's is empty"
            yield {name: Load(address, PATH, headers, bodies) for name, bodies in _variants(asked)}


def _variants(asked: Mapping[str, list[Question]]) -> Iterator[tuple[str, list[bytes]]]:
    for page, questions in asked.items():
        yield page, _encoded(questions)
        yield page + CACHED, _encoded([{**question, "force": False} for question in questions])
        yield page + ALONE, _encoded(questions[:1])


def _encoded(questions: list[Question]) -> list[bytes]:
    return [json.dumps(question).encode() for question in questions]


def _environment(home: Filled, metadata: str) -> dict[str, str]:
    own = {
        "SUPERSET_CONFIG_PATH": str(HERE / "bench" / "contenders" / "superset_config.py"),
        "SUPERSET_HOME": str(home.place.folder / "superset"),
        "SUPERSET_METADATA": _uri(metadata),
    }
    # Celery, which it brings, takes Django's settings for a sign of Django.
    return {name: value for name, value in {**home.place.environment, **own}.items() if name != "DJANGO_SETTINGS_MODULE"}


def _uri(url: str) -> str:
    """As SQLAlchemy wants it."""
    return urlsplit(url)._replace(scheme="postgresql").geturl()


def _token(address: str) -> str:
    return str(_posted(f"{address}/api/v1/security/login", {**USER, "provider": "db"}, JSON)["access_token"])


def _posted(url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), dict(headers))  # noqa: S310  (loopback)
    with urllib.request.urlopen(request, timeout=300) as answer:  # noqa: S310
        return json.load(answer)
