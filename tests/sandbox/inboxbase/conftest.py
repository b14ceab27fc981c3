from __future__ import annotations

import httpx
import pytest

from sandbox.server import Sandbox
from tests.sandbox.inboxbase.asking import Asking


@pytest.fixture
def ask(box: Sandbox, client: httpx.Client) -> Asking:
    """As Northwind's identity in the agency's org."""
    return Asking(box, client)
