"""Apache Superset over the rows that the pages read: asked for what they show, beside them in the same run.

It is treated well. One request for a chart's data stands for a whole page: of the Overview for the inboxing of the clients on its
first page at each mailbox provider, of the Placement tab for that of one client's days. It reads our roll-up and answers in JSON;
our pages hold the window before, the trend, what changed, accounts and senders as well, and are HTML.

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
from bench.superset_asked import check, questions
from bench.superset_installed import PEER

USER = {"username": "owner", "password": "long enough to be one"}
JSON = {"Content-Type": "application/json"}
PATH = "/api/v1/chart/data"
CACHED = ", cached"


@contextmanager
def serving(home: Filled) -> Iterator[dict[str, Load]]:
    """Under gunicorn as the pages are, its answers compared with ours. Page → what it is asked for; the same from its cache has
    CACHED behind the name."""
    shown = contender("shown", home.place.environment, agency=BIG)
    rows = home.place.database_url
    with database(rows, f"{urlsplit(rows).path[1:]}_superset") as metadata:
        environment = _environment(home, metadata)
        say("setting up Superset")
        dataset = contender("superset_setup", environment, python=str(PEER), database=_uri(rows), **USER)["dataset"]
        with web(environment, application="superset.app:create_app()", python=str(PEER)) as (address, _):
            headers = {**JSON, "Authorization": f"Bearer {_token(address)}"}
            asked = questions(dataset, shown)
            for page, question in asked.items():
                check(_posted(address + PATH, question, headers)["result"][0]["data"], shown["cells"][page], page)
            cached = {page + CACHED: {**question, "force": False} for page, question in asked.items()}
            bodies = {page: json.dumps(question).encode() for page, question in {**asked, **cached}.items()}
            yield {page: Load(address, PATH, headers, body) for page, body in bodies.items()}


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
