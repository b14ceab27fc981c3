from __future__ import annotations

from typing import Any

import pytest

from clients.vendors import waiting
from sandbox.server import Sandbox


def fresh(box: Sandbox, vendor: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor over real HTTP, as at its start. Nobody paces the calls, and nothing waits between tries."""
    box.reset()
    setattr(settings, f"{vendor.upper()}_URL", box.url)
    setattr(settings, f"{vendor.upper()}_RATE", 0)
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    return box
