"""Imports point one way: agency ◀ clients ◀ reports. The sandbox and the product know each other by HTTP alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "agency": {"agency"},
    "clients": {"clients", "agency"},
    "reports": {"reports", "clients", "agency"},
    "sandbox": {"sandbox"},
}
#: Where a page frame of `agency` leads on to the other apps' addresses.
EXEMPT = {"agency/urls.py"}


def imported(path: Path) -> Iterator[str]:
    """The top-level packages that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def files(house: str) -> list[Path]:
    return [path for path in sorted((ROOT / house).rglob("*.py")) if str(path.relative_to(ROOT)) not in EXEMPT]


@pytest.mark.parametrize("house", MAY_IMPORT)
def test_imports_point_one_way(house: str) -> None:
    ours = set(MAY_IMPORT) | {"tests", "bench"}
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files(house)
        for name in imported(path)
        if name in ours - MAY_IMPORT[house]
    }
    assert not wrong
    assert files(house)


def test_the_sandbox_needs_no_package() -> None:
    import sys

    outside = {name for path in files("sandbox") for name in imported(path)} - {"sandbox", "__future__"}
    assert outside <= set(sys.stdlib_module_names)


def test_vendors_touch_no_model() -> None:
    wrong = [
        path.name
        for path in files("clients/vendors")
        if any(
            isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("clients.models", "django.db"))
            for node in ast.walk(ast.parse(path.read_text()))
        )
    ]
    assert not wrong
