"""Live and test accounts serve different clients, whichever way they would meet."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import claiming, connecting, ledgers, trying
from clients.connecting import Claim
from clients.models import Connection
from tests.cast import Cast, connect

LIVE, TEST = "imk_live_0123456789abcdef", "imk_test_0123456789abcdef"


@pytest.fixture(autouse=True)
def _nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "test_new", lambda connection: trying.Verdict(True))


def test_the_key_says_which(cast: Cast) -> None:
    assert [connect(cast.north, key=key, vendor="imail").ledger for key in (LIVE, TEST)] == ["live", "test"]
    assert connect(cast.north, key="of-another-vendor").ledger == ""


@pytest.mark.parametrize(("first", "second"), [(LIVE, TEST), (TEST, LIVE)])
def test_a_client_has_one_or_the_other(cast: Cast, first: str, second: str) -> None:
    connect(cast.north, key=first, vendor="imail", client=cast.acme, label="First")
    draft = connecting.draft(cast.north, "imail", "Second", {"api_key": second})
    with pytest.raises(ledgers.Mixed, match="cannot serve Acme, which First serves with"):
        connecting.add(draft, [Claim(cast.acme, "all")], None)
    assert not Connection.objects.filter(label="Second").exists()
    nobodys = connecting.add(draft, [], None)
    with pytest.raises(ledgers.Mixed):
        claiming.claim(nobodys, cast.acme, "domain", "acme.example", None)
    assert claiming.claim(nobodys, cast.birch, "all", "", None).client == cast.birch


def test_an_account_of_another_vendor_is_live(cast: Cast) -> None:
    connect(cast.north, key="of-another-vendor", client=cast.acme)
    draft = connecting.draft(cast.north, "imail", "Second", {"api_key": TEST})
    with pytest.raises(ledgers.Mixed, match="live mail"):
        connecting.add(draft, [Claim(cast.acme, "all")], None)


def test_history_counts(cast: Cast) -> None:
    connecting.remove(connect(cast.north, key=LIVE, vendor="imail", client=cast.acme), None)
    draft = connecting.draft(cast.north, "imail", "Second", {"api_key": TEST})
    with pytest.raises(ledgers.Mixed):
        connecting.add(draft, [Claim(cast.acme, "all")], None)


def test_a_key_is_replaced_by_one_of_its_kind(cast: Cast) -> None:
    live = connect(cast.north, key=LIVE, vendor="imail")
    with pytest.raises(ledgers.Mixed, match="A test key cannot replace the key of an account with live mail"):
        connecting.with_key(live, {"api_key": TEST})
    connecting.replace(live, connecting.with_key(live, {"api_key": LIVE + "0"}), None)
    live.refresh_from_db()
    assert live.ledger == "live"


def test_forms_say_so(cast: Cast, client: Browser) -> None:
    connection = connect(cast.north, key=LIVE, vendor="imail", client=cast.acme, label="First")
    client.force_login(cast.ann)
    told: dict[str, Any] = {
        "vendor": "imail", "label": "Second", "api_key": TEST, "client": cast.acme.slug, "kind": "all", "values": "",
    }  # fmt: skip
    answer = client.post(reverse("connection-new"), told)
    assert answer.status_code == 422
    assert "cannot serve Acme" in answer.text
    answer = client.post(reverse("connection-replace", args=[connection.uuid]), {"api_key": TEST})
    assert answer.status_code == 422
    assert "cannot replace the key" in answer.text
    assert TEST not in answer.text


def test_pages_tell_them_apart(cast: Cast, client: Browser) -> None:
    client.force_login(cast.ann)
    for key, word in ((LIVE, "live"), (TEST, "test mail")):
        connection = connect(cast.north, key=key, vendor="imail", label=key[:8])
        assert f">{word}</span>" in client.get(reverse("connection", args=[connection.uuid])).text
    listed = client.get(reverse("connections")).text
    assert ">live</span>" in listed
    assert ">test mail</span>" in listed


@pytest.mark.parametrize("removed", [False, True])
def test_a_client_with_test_mail_is_marked_wherever_its_figures_stand(cast: Cast, client: Browser, removed: bool) -> None:
    client.force_login(cast.ann)
    connect(cast.north, key=LIVE, vendor="imail", client=cast.birch)
    test = connect(cast.north, key=TEST, vendor="imail", client=cast.acme)
    if removed:
        connecting.remove(test, None)
    for path in ("/", "/clients/"):
        rows = client.get(path).text.split("<tr>")
        marked = {slug: ">test mail</span>" in row for slug in ("acme", "birch") for row in rows if f"/clients/{slug}/" in row}
        assert marked == {"acme": True, "birch": False}, path
    for name in ("client", "client-senders", "client-campaigns"):
        assert ">test mail</span>" in client.get(reverse(name, args=["acme"])).text
        assert ">test mail</span>" not in client.get(reverse(name, args=["birch"])).text
    for path in ("/export/overview.csv", "/clients/export/clients.csv"):
        answer = client.get(path)
        found = csv.DictReader(b"".join(answer.streaming_content).decode().splitlines())
        assert {row["client"]: row["ledger"] for row in found} == {"acme": "test", "birch": ""}, path
