"""An API key is nowhere but sealed in its row."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_variables

from agency.models import AuditEntry
from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import CANARY, signed_in, text_of

FORM = {"vendor": "inboxally", "label": "Acme main", "client": "acme", "kind": "all", "values": ""}


def test_the_key_is_nowhere_but_sealed(cast: Cast, vendor: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.faults.add("error", times=None)
    browser, tries = signed_in(cast.mo), ({}, {"label": ""}, {"untested": "1"})
    pages = [text_of(browser.post("/connections/new/", FORM | {"api_key": CANARY} | data, follow=True)) for data in tries]
    made = Connection.objects.get()
    vendor.faults.clear()
    pages.append(text_of(browser.post(f"/connections/{made.uuid}/test/", follow=True)))
    pages.append(text_of(browser.post(f"/connections/{made.uuid}/key/", {"api_key": CANARY + "x"})))
    pages += [
        text_of(browser.get(path)) for path in ("/connections/", f"/connections/{made.uuid}/", f"/connections/{made.uuid}/key/")
    ]
    assert not [page for page in pages if CANARY in page]
    assert CANARY not in caplog.text
    assert not [entry for entry in AuditEntry.objects.values_list("before", "after", "target", "reason") if CANARY in str(entry)]
    assert CANARY not in str(list(Connection.objects.values()))
    assert CANARY[-4:] in pages[5], "the last four are shown"


@pytest.mark.parametrize(
    "place", ["clients.trying.open_vendor", "clients.models.accounts.seal", "clients.forms.connections.seal"]
)
def test_a_report_of_an_error_does_not_hold_the_key(cast: Cast, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Django's error reports list each frame's variables and what was posted."""

    @sensitive_variables()
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken on purpose")

    seen: list[str] = []

    def keep(sender: Any, request: HttpRequest, **_: Any) -> None:
        kind, error, trace = sys.exc_info()
        assert kind is not None
        assert error is not None
        assert trace is not None
        seen.append(ExceptionReporter(request, kind, error, trace).get_traceback_html())

    monkeypatch.setattr(place, broken)
    browser = signed_in(cast.mo)
    browser.raise_request_exception = False
    got_request_exception.connect(keep)
    try:
        assert browser.post("/connections/new/", FORM | {"api_key": CANARY}).status_code == 500
    finally:
        got_request_exception.disconnect(keep)
    assert "broken on purpose" in seen[0]
    assert "Local vars" in seen[0]
    assert CANARY not in seen[0]
