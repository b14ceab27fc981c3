"""A client's campaigns, and a campaign's page."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import Connection
from tests.cast import Cast
from tests.reaching import account
from tests.reports.reading import as_user, text


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return account(cast.north, cast.acme)


def tab(cast: Cast, query: str = "", user: Any = None) -> str:
    return text(as_user(user or cast.mo).get(f"/clients/acme/campaigns/{query}"))
