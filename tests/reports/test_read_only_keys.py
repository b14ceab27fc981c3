"""That a key is known to change nothing stands where the buttons are, for those who may press them."""

from __future__ import annotations

import pytest

from tests import reaching
from tests.cast import Cast
from tests.placing import account, placement_test
from tests.reports.reading import as_user, text

WHY = "The key may not do this: it lacks a scope."
ANN = "ann@acme.example"


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/senders/", "senders"),
        ("/clients/acme/senders/", "senders"),
        ("/clients/acme/campaigns/", "campaigns"),
        ("/clients/acme/tests/", "tests"),
    ],
)
def test_it_stands_beside_the_buttons_of_a_list(cast: Cast, path: str, what: str) -> None:
    one = account(cast.north, cast.acme)
    reaching.sender(one, ANN)
    reaching.campaign(one)
    placement_test(one, {ANN: {"gmail": "P"}})
    said = "The key of Tests may only read."
    assert said not in text(as_user(cast.mo).get(path))
    one.settings = {**one.settings, "refused": {what: WHY}}
    one.save(update_fields=["settings"])
    page = text(as_user(cast.mo).get(path))
    assert (page.count(said), WHY in page, f"/connections/{one.uuid}/" in page) == (1, True, True)
    assert said not in text(as_user(cast.ben).get(path)), "who may not press them"
