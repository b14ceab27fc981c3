from __future__ import annotations

import pytest

from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import bring_senders
from tests.clients.views.test_scopes import shared  # noqa: F401  (a fixture)


@pytest.fixture
def connection(vendor: Sandbox, cast: Cast) -> Connection:
    """Sixty senders of Acme's: three on each of twenty domains."""
    made = connect(cast.north, key=vendor.add_account("wide", senders=60, broadcasts=1).key, client=cast.acme)
    bring_senders(made)
    vendor.requests.clear()
    return made
