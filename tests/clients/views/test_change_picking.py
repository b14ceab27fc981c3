"""For whom: all that match a list’s filter, or ticked senders."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from clients.models import Connection, Sender
from clients.vendors import VENDORS
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import states
from tests.clients.doing import signed_in, text_of
from tests.clients.views.asking import REPAIR, asked
from tests.factories import SenderFactory


def test_all_that_match_is_the_filter_of_the_list_and_not_its_page(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    browser = signed_in(cast.mo)
    listed = text_of(browser.get("/clients/acme/senders/?tag=tag2&sort=-email"))
    link = re.search(r'href="(/changes/new/\?[^"]+)">Change all 12 that match', listed)
    assert link
    form = text_of(browser.get(link[1].replace("&amp;", "&")))
    assert "All senders of Acme, tagged tag2" in form
    whole = text_of(browser.get("/senders/"))
    assert "Change all 60 that match" in whole
    assert asked(cast, all="1", **REPAIR).items.count() == 60


def test_those_that_cannot_be_changed_are_not_counted(cast: Cast) -> None:
    fixed = next(slug for slug, one in VENDORS.items() if not one.sender_acts)
    SenderFactory.create_batch(2, connection=connect(cast.north, key="c" * 12, label="One"), client=cast.acme)
    SenderFactory(connection=connect(cast.north, key="f" * 12, label="Two", vendor=fixed), client=cast.acme)
    browser = signed_in(cast.mo)
    assert "Change all 2 that match" in text_of(browser.get("/clients/acme/senders/"))
    assert "2 of 3 known so far can be changed" in text_of(browser.get("/changes/new/?client=acme"))
    Sender.objects.update(gone_at=timezone.now())
    assert "Change all" not in text_of(browser.get("/clients/acme/senders/"))


def test_a_filter_that_the_form_does_not_show_goes_along(cast: Cast, connection: Connection) -> None:
    Sender.objects.filter(domain="brand03.example").update(name="Special")
    form = text_of(signed_in(cast.mo).get("/changes/new/?search=special"))
    assert '<input type="hidden" name="search" value="special">' in form
    assert "3 known so far" in form


def test_ticked_senders_are_those_that_change(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    ticked = [str(row.uuid) for row in Sender.objects.order_by("email")[:2]]
    form = text_of(signed_in(cast.mo).get("/changes/new/", {"sender": ticked}))
    assert "2 picked senders" in form
    assert form.count('type="hidden" name="sender"') == 2
    change = asked(cast, sender=ticked, **REPAIR)
    assert states(change) == {"planned": 2}


def test_ticks_and_changes_are_for_those_who_may(cast: Cast, connection: Connection) -> None:
    for user in (cast.ben, cast.cleo):
        shown = text_of(signed_in(user).get("/senders/"))
        assert "checkbox" not in shown
        assert "Change rules" not in shown


@pytest.mark.parametrize(("number", "status"), [(1100, 302), (5001, 422)])
def test_a_thousand_ticked_senders_arrive_and_more_than_are_taken_are_refused_in_words(
    cast: Cast, connection: Connection, number: int, status: int
) -> None:
    ticked = [str(row.uuid) for row in Sender.objects.all()] + [str(uuid4()) for _ in range(number - 60)]
    response = signed_in(cast.mo).post("/changes/new/", {"sender": ticked, **REPAIR})
    assert response.status_code == status
    assert status == 302 or "At most 5,000 senders" in text_of(response)


def test_another_agencys_senders_can_not_be_picked(cast: Cast, connection: Connection) -> None:
    theirs = connect(cast.south, key="south-key-0123456789", client=cast.oak)
    sender = Sender.objects.create(connection=theirs, client=cast.oak, external_id="x", email="x@oak.example")
    assert signed_in(cast.mo).post("/changes/new/", {"sender": [str(sender.uuid)], **REPAIR}).status_code == 404
    mine = Sender.objects.filter(connection=connection)[0]
    change = asked(cast, sender=[str(sender.uuid), str(mine.uuid), "no uuid"], **REPAIR)
    assert [item.sender for item in change.items.all()] == [mine]
