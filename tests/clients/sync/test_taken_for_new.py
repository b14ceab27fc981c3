"""A page whose rows are all new lets the next be taken for new as well; their key says otherwise where they are not."""

from __future__ import annotations

from clients import rollups
from clients.models import Broadcast, Connection, Feed, Placement, RunState
from sandbox.server import Sandbox
from tests.clients.sync.syncing import assert_true, bring, words

PAGE = 10


def test_rows_after_a_page_of_new_ones_are_neither_doubled_nor_lost(box: Sandbox, connection: Connection) -> None:
    box.switches.max_limit = PAGE
    assert bring(connection).state == RunState.OK
    expected = Broadcast.objects.count()
    assert expected > 2 * PAGE
    in_order = list(Broadcast.objects.order_by("pk").values_list("pk", flat=True))
    Placement.objects.filter(broadcast__in=in_order[:PAGE]).delete()
    Broadcast.objects.filter(pk__in=in_order[:PAGE]).delete()
    Broadcast.objects.filter(pk=in_order[PAGE]).update(spam=999)
    rollups.rebuild(connection)
    Feed.objects.filter(connection=connection).update(watermark=None)
    run = bring(connection)
    assert (run.state, run.outcome) == (RunState.OK, "Complete."), words(run)
    assert Broadcast.objects.count() == expected
    assert Broadcast.objects.exclude(pk__in=in_order).count() == PAGE
    assert run.changed == 1
    assert [text for _, _, text in run.log].count("Reads everything.") == 1
    assert_true(box, "petit", connection)
    assert rollups.check(connection) == 0
