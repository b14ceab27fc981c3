"""What the audit log keeps of a change: what was asked for, and then how it ended, with each client concerned."""

from __future__ import annotations

import pytest

from agency.models import AuditEntry
from clients.changes.history import whom
from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import REPAIR, applied, bring_senders, on, planned


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (["one@acme.example"], "one@acme.example"),
        (["a@acme.example", "b@acme.example"], "2 senders on acme.example"),
        (["a@x.example", "b@x.example", "a@y.example"], "3 senders on x.example and y.example"),
        ([f"a@d{number}.example" for number in range(4)], "4 senders on d0.example, d1.example, d2.example and d3.example"),
        ([f"a@d{number}.example" for number in range(9)], "9 senders on d0.example, d1.example, d2.example and 6 more domains"),
    ],
)
def test_senders_are_named_in_words(addresses: list[str], words: str) -> None:
    assert whom(addresses) == words


def test_each_client_concerned_has_its_own_entry_of_who_did_what(box: Sandbox, people: Cast, connection: Connection) -> None:
    other = connect(people.north, key=box.add_account("other", senders=20, broadcasts=1).key, label="Other", client=people.birch)
    bring_senders(other)
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    applied(change)
    entries = {(entry.action, entry.subject): entry for entry in AuditEntry.objects.filter(action__startswith="change.")}
    acts, page = ("change.apply_asked", "change.ended"), ["change", str(change.uuid)]
    assert set(entries) == {(act, one.uuid) for act in acts for one in (people.acme, people.birch)}
    assert entries["change.apply_asked", people.acme.uuid].before == {"rules": ["default × 3"]}
    assert entries["change.apply_asked", people.birch.uuid].after == {"rules": ["repair × 1"], "page": page}
    assert entries["change.ended", people.acme.uuid].after == {"result": "3 done.", "page": page}
    assert {entry.target for entry in entries.values()} == {"3 senders on brand03.example", "box00003@brand03.example"}
