from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from sandbox.server import Sandbox
from tests.sandbox.asking import Asking

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def server() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        yield box


@pytest.fixture
def box(server: Sandbox) -> Sandbox:
    server.reset()
    return server


@pytest.fixture(scope="session")
def client(server: Sandbox) -> Iterator[httpx.Client]:
    # One for all: making a client costs more than most of these tests.
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def ask(box: Sandbox, client: httpx.Client) -> Asking:
    return Asking(box, client)
