"""What a start makes, the garbage collector need not go through."""

from __future__ import annotations

import gc


def test_models_and_modules_are_not_looked_at_again() -> None:
    assert gc.get_freeze_count() > 10_000
