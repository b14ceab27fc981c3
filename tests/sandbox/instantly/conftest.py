from __future__ import annotations

import httpx
import pytest

from sandbox.server import Sandbox
from tests.sandbox.instantly.asking import Asking


@pytest.fixture
def ask(box: Sandbox, client: httpx.Client) -> Asking:
    """As the agency for Northwind."""
    return Asking(box, client)
