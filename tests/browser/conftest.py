from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import chromium
from tests.browser.house import House, house
from tests.browser.visitor import Visitor
from tests.waiting import PATIENCE

DEMO = "demo@inboxdeck.example"

type Visit = Callable[..., Visitor]


@pytest.fixture(scope="package", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # Root in a container has no sandbox to put Chromium in; it opens nothing but our own pages.
    return {**browser_type_launch_args, "executable_path": chromium.find(), "args": ["--no-sandbox", "--disable-quic"]}


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo agency, all of it read. Tests leave it as they found it, or add what the others don't look at."""
    with house(tmp_path_factory.mktemp("demo"), "demo") as found:
        found.environment["SANDBOX_URL"] = found.started.until_it_says(r"asked at (http://[\d.:]+)").group(1)
        found.until_all_is_read()
        yield found


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """visit(house, **options of a browser's context): somebody with a browser of their own. At the end of the test nothing may
    have troubled any of them."""
    visitors: list[Visitor] = []
    with ExitStack() as stack:

        def enter(into: House, **options: Any) -> Visitor:
            visitors.append(stack.enter_context(Visitor(browser, into.address, **options)))
            return visitors[-1]

        yield enter
    assert [trouble for visitor in visitors for trouble in visitor.watch.trouble] == []


@pytest.fixture(scope="package")
def key_to_demo(browser: Browser, demo: House) -> Any:
    """The cookies of the demo's owner."""
    with Visitor(browser, demo.address) as owner:
        owner.sign_in(DEMO, demo.demo_password())
        expect(owner.page).to_have_url(re.compile(r"/$"))
        return owner.context.storage_state()


@pytest.fixture
def owner(visit: Visit, demo: House, key_to_demo: Any) -> Visitor:
    """The demo's owner, signed in."""
    return visit(demo, storage_state=key_to_demo)


@pytest.fixture
def page(owner: Visitor) -> Page:
    return owner.page
