"""The form of a new test where a client has more senders than anybody would scroll through."""

from __future__ import annotations

from typing import Any

import pytest

from agency import ticks
from clients.models import Connection, Sender, TestOrder
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.ordering.ordering import answers
from tests.factories import SenderFactory

pytestmark = pytest.mark.django_db

FORM = "/clients/acme/tests/new/"


@pytest.fixture
def many(cast: Cast, account: Connection, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """Eight, where four are shown."""
    monkeypatch.setattr(ticks, "SHOWN", 4)
    Sender.objects.all().delete()
    for number in range(8):
        domain = "one.example" if number < 6 else "two.example"
        email = f"box{number}@{domain}"
        SenderFactory(
            connection=account, client=cast.acme, email=email, external_id=email, status="active", tagged=[f"t{number}"]
        )
    return account


def emails(context: Any) -> list[str]:
    return [tick.email.partition("@")[0] for tick in context["form"].ticks]


def look(cast: Cast, account: Connection, find: str, **other: Any) -> Any:
    answer = signed_in(cast.mo).post(FORM, {**answers(account), "senders": [], "look": "1", "find": find, **other})
    assert answer.status_code == 200
    return answer


def of(number: int) -> str:
    return str(Sender.objects.get(email__startswith=f"box{number}@").uuid)


def test_none_is_listed_until_somebody_looks(cast: Cast, many: Connection) -> None:
    answer = signed_in(cast.mo).get(FORM)
    assert emails(answer.context) == []
    assert "Acme has 8 senders here" in text_of(answer)
    assert [name for name, _, _ in answer.context["form"].wholes] == ["domains", "tags"]


def test_a_search_finds_some_keeps_what_is_ticked_and_judges_nothing(cast: Cast, many: Connection) -> None:
    answer = look(cast, many, "ONE.example", senders=[of(7)], subject="", **{"when1-condition": "listed"})
    assert emails(answer.context) == ["box7", "box0", "box1", "box2", "box3"]
    page = text_of(answer)
    assert "6 were found, and 2 of them are not shown" in page
    assert f'value="{of(7)}" checked' in page
    assert "This field is required" not in page
    assert "Hello &lt;you&gt;" in page, "nothing typed is lost"
    assert not TestOrder.objects.exists()


def test_domains_and_tags_are_narrowed_where_they_are_many(cast: Cast, many: Connection) -> None:
    domains, tags = (whole for _, _, whole in look(cast, many, "t7", tags=["t1"]).context["form"].wholes)
    assert [(name, ticked) for name, _, ticked in tags.ticks] == [("t1", True), ("t7", False)]
    assert len(domains.ticks) == 2, "two are few"


def test_one_that_is_not_on_the_page_can_be_ticked_all_the_same(cast: Cast, many: Connection) -> None:
    answer = signed_in(cast.mo).post(FORM, {**answers(many), "senders": [of(6), of(7)], "find": "box1"})
    assert answer.status_code == 302, answer.context["form"].errors
    assert TestOrder.objects.get().senders == ["box6@two.example", "box7@two.example"]


def test_another_clients_sender_can_not(cast: Cast, many: Connection) -> None:
    other = SenderFactory(connection=many, client=cast.birch, email="b@birch.example", status="active")
    for senders in ([str(other.uuid)], ["what"]):
        assert signed_in(cast.mo).post(FORM, {**answers(many), "senders": senders}).status_code == 422


def test_while_somebody_types_the_vendor_is_not_asked(cast: Cast, many: Connection, box: Sandbox) -> None:
    box.requests.clear()
    data = {**answers(many), "look": "1", "find": "box3", "senders": []}
    answer = signed_in(cast.mo).post(FORM, data, headers={"hx-request": "true"})
    assert emails(answer.context) == ["box3"]
    assert not box.requests.to("/api/v2/inbox-placement-tests/email-service-provider-options", "GET")
