from __future__ import annotations

import httpx
import pytest

from sandbox.server import Sandbox
from tests.sandbox.imail.asking import Asking


@pytest.fixture
def ask(box: Sandbox, client: httpx.Client) -> Asking:
    """As Northwind's live key."""
    return Asking(box, client)
