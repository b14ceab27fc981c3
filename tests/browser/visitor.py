from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.watch import Watch
from tests.waiting import PATIENCE

DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)


class Visitor:
    """Somebody with a browser of their own: no cookie of anyone else's."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        given = {"viewport": DESK, "color_scheme": "light", "reduced_motion": "reduce"} | options
        self.context = browser.new_context(base_url=address, **given)
        self.context.set_default_timeout(PATIENCE)
        self.watch = Watch(self.context, address)
        self.page: Page = self.context.new_page()

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto("/sign-in/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.context.close()
