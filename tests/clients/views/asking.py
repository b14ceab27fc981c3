"""Asking for changes on their pages, as a manager does, with a worker that comes by."""

from __future__ import annotations

from typing import Any

from clients.changes.working import work
from clients.models import Change
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of

REPAIR = {"what": "preset", "to_preset": "repair"}


def asked(cast: Cast, **data: Any) -> Change:
    response = signed_in(cast.mo).post("/changes/new/", data)
    assert response.status_code == 302, text_of(response)
    change = Change.objects.latest("pk")
    work(change.pk)
    change.refresh_from_db()
    return change


def see(cast: Cast, change: Change) -> str:
    return text_of(signed_in(cast.mo).get(f"/changes/{change.uuid}/"))


def act(cast: Cast, change: Change, name: str, **data: Any) -> Change:
    """The change that the act leads to, after a worker came by."""
    response = signed_in(cast.mo).post(f"/changes/{change.uuid}/{name}/", data)
    found = Change.objects.get(uuid=response.url.split("/")[2])
    work(found.pk)
    found.refresh_from_db()
    return found
