"""A vendor is one module and one line in the registry: nothing else in the product knows its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clients.vendors import VENDORS

ROOT = Path(__file__).parent.parent
HOUSES = ("agency", "clients", "reports", "templates", "static", "bench")
SUFFIXES = {".py", ".html", ".js", ".css", ".txt", ".svg"}
#: Where the name is a word of the field as well: what names the vendor and nothing else.
NAMED = {"inbox": r"inboxapp|ibt_wh|X-Inbox|vendors[./]inbox\b"}
#: What was written down when the first vendor was the only one.
HISTORY = "clients/migrations/0001_initial.py"
#: Plays a vendor, as the sandbox does: it signs invented events.
SIGNS = "bench/hooks.py"


def files() -> list[Path]:
    return [path for house in HOUSES for path in sorted((ROOT / house).rglob("*")) if path.suffix in SUFFIXES]


@pytest.mark.parametrize("slug", VENDORS)
def test_nothing_but_its_module_and_the_registry_names_a_vendor(slug: str) -> None:
    known = re.compile(rf"clients/vendors/({slug}\w*|__init__)\.py")
    named = re.compile(NAMED.get(slug, slug), re.IGNORECASE)
    places = {path.relative_to(ROOT).as_posix() for path in files() if named.search(path.read_text())}
    assert f"clients/vendors/{slug}.py" in places
    assert {place for place in places if not known.fullmatch(place)} <= {HISTORY, SIGNS}


def test_the_registry_names_each_once() -> None:
    registry = (ROOT / "clients/vendors/__init__.py").read_text()
    assert registry.count("import") == len(VENDORS) + 1
