from __future__ import annotations

import pickle

import pytest

from clients.vendors import errors
from clients.vendors.guard import NotPublic


@pytest.mark.parametrize(
    "error",
    [
        errors.AccessDenied("a"),
        errors.PlanLacks("b"),
        errors.Rejected("c", 404),
        errors.Busy("d", 7.5),
        errors.VendorDown("e"),
        errors.UnexpectedAnswer("f", "id"),
        errors.StaleCursor("g"),
        NotPublic("h"),
    ],
)
def test_errors_survive_pickling(error: errors.VendorError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))
