from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running.home import Home, place


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with place(tmp_path, "running") as found:
        yield found
