"""Keys, tiers, versions and budgets."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

import pytest

from sandbox.imail.cast import KEYS
from tests.sandbox.imail.asking import Asking, refusal


def test_keys_look_like_the_vendors() -> None:
    for key in KEYS:
        assert re.fullmatch(r"imk_(live|test)_[0-9A-Za-z]{16,64}", key.text)
        assert key.text.startswith("imk_live_") is key.live


def test_without_a_good_key_nothing_is_told(ask: Asking) -> None:
    for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": ask.box.key("northwind", "imail")}):
        assert refusal(ask.client.get("/v1/campaigns", headers=headers)) == (401, "unauthorized", None)
    assert refusal(ask.by("revoked").get("campaigns"))[0] == 401


def test_a_tier_without_the_api_is_refused(ask: Asking) -> None:
    assert refusal(ask.by("starter").get("campaigns")) == (403, "tier_required", None)
    ask.change(tier="Launch")
    assert refusal(ask.get("inboxes"))[0] == 403


def test_live_and_test_keys_see_ledgers_of_their_own(ask: Asking) -> None:
    test = ask.by("northwind-test")
    live_ids, test_ids = ({row["id"] for row in one.every("campaigns")} for one in (ask, test))
    assert live_ids
    assert test_ids
    assert not live_ids & test_ids
    assert refusal(test.get(f"campaigns/{live_ids.pop()}")) == (404, "not_found", None)
    assert ask.truth()["workspace_id"] == test.truth()["workspace_id"]


def test_a_version_is_echoed_and_an_unknown_one_refused(ask: Asking) -> None:
    assert ask.get("campaigns").headers["Imail-Version"] == "2026-05-10"
    assert ask.send("GET", "campaigns", also={"Imail-Version": "2026-03-10"}).headers["Imail-Version"] == "2026-03-10"
    for version in ("2026-05-11", "yesterday"):
        assert refusal(ask.send("GET", "campaigns", also={"Imail-Version": version}))[1] == "invalid_version"


def test_an_older_version_hides_what_came_later(ask: Asking) -> None:
    pinned = {"Imail-Version": "2026-03-10"}
    assert refusal(ask.send("POST", "leads/bulk", {}, also=pinned))[0] == 404
    hook = {"url": "https://deck.example", "events": ["warmup.threshold_paused"]}
    assert refusal(ask.send("POST", "webhooks", hook, also=pinned)) == (400, "invalid_field", "events")
    assert ask.post("webhooks", hook).status_code == 201


def test_every_answer_tells_what_is_left(ask: Asking) -> None:
    ask.box.clock.forward(86_400)
    for number, response in enumerate((ask.get("campaigns"), ask.get("nowhere"), ask.post("campaigns", {})), start=1):
        assert response.headers["X-RateLimit-Remaining"] == str(240 - number)
        # Wherever the played clock stands: who reads the one reads the other.
        ahead = int(response.headers["X-RateLimit-Reset"]) - parsedate_to_datetime(response.headers["Date"]).timestamp()
        assert 0 <= ahead <= 10
    ask.switch(reset="delta", told_limit=True)
    told = ask.get("campaigns").headers
    assert (told["X-RateLimit-Limit"], told["X-RateLimit-Reset"]) == ("240", "3")


def test_an_empty_bucket_asks_to_wait_and_fills_with_time(ask: Asking) -> None:
    ask.change(tokens=1)
    assert ask.get("campaigns").status_code == 200
    response = ask.get("campaigns")
    assert refusal(response) == (429, "rate_limited", None)
    assert (response.headers["Retry-After"], response.headers["X-RateLimit-Remaining"]) == ("1", "0")
    assert ask.by("brunnen").get("campaigns").status_code == 200
    ask.box.clock.forward(1)
    assert ask.get("campaigns").status_code == 200
    ask.box.clock.forward(3600)
    assert ask.get("campaigns").headers["X-RateLimit-Remaining"] == "239"


def test_public_metrics_need_no_key_and_stand_for_half_a_minute(ask: Asking) -> None:
    first = ask.client.get("/v1/metrics/public")
    assert first.headers["Cache-Control"] == "public, max-age=30"
    assert "X-RateLimit-Remaining" not in first.headers
    ask.box.clock.forward(29)
    assert ask.client.get("/v1/metrics/public").json() == first.json()
    ask.box.clock.forward(1)
    assert ask.client.get("/v1/metrics/public").json()["updated_at"] == "2026-11-20T12:00:30Z"


def test_a_repeated_post_is_answered_as_before(ask: Asking) -> None:
    hook, once = {"url": "https://deck.example"}, {"Idempotency-Key": "a1"}
    first = ask.send("POST", "webhooks", hook, also=once)
    assert ask.send("POST", "webhooks", hook, also=once).json() == first.json()
    assert len(ask.every("webhooks")) == 1
    other = ask.send("POST", "webhooks", {"url": "https://other.example"}, also=once)
    assert refusal(other) == (409, "conflict", None)
    ask.box.clock.forward(86_400)
    assert ask.send("POST", "webhooks", hook, also=once).json()["id"] != first.json()["id"]


@pytest.mark.parametrize(("kind", "status", "code"), [("busy", 429, "rate_limited"), ("error", 500, "internal_error")])
def test_faults_are_worded_as_the_vendor_words_refusals(ask: Asking, kind: str, status: int, code: str) -> None:
    ask.box.faults.add(kind)
    assert refusal(ask.get("campaigns")) == (status, code, None)


def test_the_description_names_every_path(ask: Asking) -> None:
    told = ask.client.get("/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]["/v1/campaigns/{id}"]) == {"get", "patch", "delete"}
