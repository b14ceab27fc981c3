"""The README's picture: the demo's Overview. SCREENSHOTS=1 writes it anew into docs/."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURE = Path(settings.BASE_DIR) / "docs" / "overview.png"
LARGEST = 200_000


def test_the_picture_in_the_readme_is_the_overview(page: Page, tmp_path: Path) -> None:
    target = PICTURE if os.environ.get("SCREENSHOTS") else tmp_path / "overview.png"
    page.goto("/")
    expect(page.locator("table.board tbody tr")).to_have_count(9)
    expect(page.locator("#progress progress")).to_have_count(0)
    page.screenshot(path=target, full_page=True)
    assert target.stat().st_size < LARGEST
    assert PICTURE.stat().st_size < LARGEST
    assert "docs/overview.png" in (Path(settings.BASE_DIR) / "README.md").read_text()
