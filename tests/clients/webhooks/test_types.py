"""Each type that a vendor's documentation names is known here, and tells what comes of it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from clients.models import Event, EventState
from sandbox.imail.webhooks import TYPES
from tests.cast import Cast, connect
from tests.clients.webhooks.delivering import open_door

NAMED = {
    "imail": (
        "email.sent email.delivered email.opened email.clicked email.bounced.hard email.bounced.soft reply.received "
        "reply.classified warmup.threshold_paused inbox.disconnected inbox.reconnected"
    ),
    "inbox": (
        "thread.created thread.deleted thread.assigned thread.unassigned thread.archived thread.unarchived thread.typing "
        "message.created message.edited message.deleted message.reactionAdded message.reactionRemoved "
        "prospect.created prospect.statusChanged prospect.tagsChanged prospect.notesChanged prospect.valuationChanged "
        "prospect.enriched prospect.assigneeChanged tag.created tag.updated tag.deleted status.created status.updated "
        "status.deleted campaign.created campaign.started campaign.paused campaign.resumed campaign.completed "
        "target.contacted target.followUpSent target.replied"
    ),
    "inboxbase": (
        "email.queued email.sent email.cancelled email.received email.replied email.no_reply email.bounced "
        "email.send_failed_permanently mailbox.replaced"
    ),
}


def test_the_sandbox_has_the_same_list() -> None:
    assert set(TYPES) == set(NAMED["imail"].split())


@pytest.mark.parametrize("vendor", NAMED)
def test_no_type_of_the_vendors_list_is_unknown_and_each_says_what_comes_of_it(cast: Cast, vendor: str) -> None:
    named = NAMED[vendor].split()
    assert len(set(named)) == {"imail": 11, "inbox": 33, "inboxbase": 9}[vendor]
    door = open_door(connect(cast.north, key="imk_live_0123456789abcdef", client=cast.acme, vendor=vendor))
    for mark, kind in enumerate([*named, "galaxy.collided"]):
        told = {"external_id": kind, "type": kind, "mark": mark, "raw": '{"data":{}}', "occurred_at": timezone.now()}
        Event.objects.create(connection=door.connection, **told)
    door.process()
    assert Event.objects.get(state=EventState.UNKNOWN).type == "galaxy.collided"
    assert not Event.objects.filter(outcome__in=("", "Nothing to change.")).exists()
