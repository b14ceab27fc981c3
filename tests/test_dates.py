"""Days and times are written alike: one format for each precision. Report pages, for readers outside, write the month out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
DAY, TIME, SECONDS, CLOCK, FOR_MACHINES = "j M Y", "j M Y, H:i", "j M Y, H:i:s", "H:i", {"c", "Y-m-d"}
ALLOWED = {DAY, TIME, SECONDS, CLOCK, *FOR_MACHINES}
PUBLIC = {"j F", "j F Y", "j F Y, H:i", "D j M", "j M"}


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda one: str(one.relative_to(TEMPLATES)))
def test_each_precision_has_one_format(template: Path) -> None:
    allowed = ALLOWED | (PUBLIC if "public" in template.parts else set())
    assert set(re.findall(r'date:"([^"]+)"', template.read_text())) - allowed == set()
