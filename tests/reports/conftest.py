from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from clients.models import Connection
from tests.cast import Cast, connect
from tests.chromium import find
from tests.placing import account
from tests.rotating import rotated
from tests.waiting import PATIENCE


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find(), "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Not pytest-playwright's own, which asks for a fixture that pytest deprecates."""
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser says of errors and of the policy: nothing."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


@pytest.fixture
def tested(cast: Cast) -> Connection:
    """An account of both of North's clients."""
    connection = account(cast.north)
    for client in (cast.acme, cast.birch):
        connection.scopes.create(client=client, kind="domain", value=f"{client.slug}.example")
    return connection


@pytest.fixture
def seeded(cast: Cast) -> Connection:
    """An account of both of North's clients: four of its ten seeds were swapped three days ago."""
    connection = connect(cast.north, key="a" * 12, label="Shared", client=cast.acme)
    connection.scopes.create(client=cast.birch, kind="domain", value="birch.example")
    rotated(connection, {"gmail": (4, 3, 3), "yahoo": (2, 1, 1)})
    return connection
