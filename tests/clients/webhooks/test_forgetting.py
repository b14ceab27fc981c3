"""Bodies of events are kept for a while, what became of them for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import dispatching
from clients.models import Event, EventState
from clients.tasks import forget_payloads
from clients.webhooks import forgetting
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.webhooks.delivering import Door, event


@pytest.fixture
def kept(door: Door, settings: Any) -> None:
    """Events of 1, 90½, 91½ and 400 days ago, and one of then that still waits."""
    settings.EVENT_DAYS = 90
    for seq, days in enumerate((1, 90.5, 91.5, 400), 1):
        door.post(event(seq))
        Event.objects.filter(seq=seq).update(received_at=timezone.now() - timedelta(days=days))
    door.process()
    door.post(event(5))
    Event.objects.filter(seq=5).update(received_at=timezone.now() - timedelta(days=400))


def whole() -> list[int | None]:
    return list(Event.objects.exclude(raw="").order_by("seq").values_list("seq", flat=True))


def test_bodies_are_forgotten_after_their_days_and_their_rows_stay(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "SLICE", 1)
    forget_payloads()
    assert whole() == [1, 5]
    assert Event.objects.filter(state=EventState.PROCESSED).exclude(outcome="").count() == 4
    assert not forgetting.is_due()


def test_it_is_handed_out_once_a_day(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(dispatching, "waiting", lambda queue: 0)
    monkeypatch.setattr(dispatching.app, "send_task", lambda task, queue: sent.append(task))
    dispatching.hand_out_forgetting()
    assert sent == ["clients.forget_payloads"]
    forget_payloads()
    Event.objects.filter(seq=1).update(received_at=timezone.now() - timedelta(days=90.5))
    dispatching.hand_out_forgetting()
    assert len(sent) == 1


def test_they_may_be_kept_for_good(kept: None, settings: Any) -> None:
    settings.EVENT_DAYS = 0
    assert not forgetting.is_due()
    assert forgetting.forget() == 0
    assert len(whole()) == 5


def test_what_is_forgotten_is_said_and_not_processed_again(kept: None, cast: Cast) -> None:
    Event.objects.update(state=EventState.FAILED)
    forgetting.forget()
    browser, gone = signed_in(cast.mo), Event.objects.get(seq=4)
    shown = text_of(browser.get(f"/settings/events/{gone.uuid}/"))
    assert "no longer kept" in shown
    assert "Process again" not in shown
    assert "can't be processed again" in text_of(browser.post(f"/settings/events/{gone.uuid}/again/", follow=True)).replace(
        "&#x27;", "'"
    )
    assert "Process the failed again (1)" in text_of(browser.get("/settings/events/?window=365"))
    browser.post("/settings/events/again/")
    assert list(Event.objects.filter(state=EventState.WAITING).values_list("seq", flat=True)) == [1]
