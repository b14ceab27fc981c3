"""Rows for every table that can be had as CSV."""

from __future__ import annotations

from agency import audit
from agency.models import Agency
from clients.models import Change, ChangeItem, Client, EventDay, LeadUpload, Mail, SeedFileDownload, Sender, SyncRun
from reports import sharing
from tests.cast import connect
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.placing import account, placement_test, report
from tests.reaching import campaign, sender_day, sent, warmup
from tests.rotating import rotated
from tests.talking import told_of


def one_of_each(agency: Agency, client: Client) -> None:
    """The client's, each told by its name or its short name, and a few that are nobody's."""
    connection = connect(agency, key=client.slug * 4, label=f"{client.name} account", client=client)
    mail(connection, client, days_ago(1), {"gmail": (30, 0, 0)}, subject=client.name)
    mail(connection, None, days_ago(1), {"gmail": (30, 0, 0)}, subject=f"{client.name} unassigned")
    sender = SenderFactory(connection=connection, client=client, email=f"news@{client.slug}.example")
    SenderFactory(connection=connection, client=None, email=f"nobody@{client.slug}.example")
    rotated(connection, {"gmail": (1, 1, 1)})
    SeedFileDownload.objects.create(
        connection=connection, client=client, actor=client.name, which="added", layout="plain", rows=1
    )
    SyncRun.objects.create(feed=connection.feeds.all()[0], new=1)
    audit.record(None, "client.created", client, agency=agency, subject=client.uuid)
    tests = account(agency, client, key=f"{client.slug}-tests-key", label=f"{client.name} tests")
    test = placement_test(tests, {f"tester@{client.slug}.example": {"gmail": "PS"}}, name=client.name)
    report(test, f"{client.slug}.example", lists=[{"blacklist": "bl.example"}], rules=[{"name": "HEAVY"}])
    letters = campaign(tests, name=client.name, client=client)
    sent(letters, 1, 40)
    upload = LeadUpload.objects.create(connection=tests, campaign=letters, client=client, file_name=client.name)
    upload.lines.create(line=2, email=f"lead@{client.slug}.example")
    for reached in Sender.objects.filter(connection=connection):
        sender_day(reached, 1, 40)
        warmup(reached, 1, sent=10)
    sharing.make(client, f"{client.name}'s contact", 30, 30, None)
    change = Change.objects.create(agency=agency, client=client, edit={"status": "inactive"}, reason=client.name)
    ChangeItem.objects.create(change=change, sender=sender, connection=connection, client=client, email=sender.email)
    letter = {"identity": f"{client.slug}@there.example", "to": "to@there.example", "subject": client.name, "text": "Hi."}
    Mail.objects.create(client=client, connection=connection, batch=client.uuid, key=client.slug, **letter)
    told_of(connection, client, client.name)
    bounced = {"sender_ref": f"a@{client.slug}.example", "mailbox_provider": "gmail", "what": "bounced_hard", "count": 3}
    EventDay.objects.create(connection=connection, client=client, day=days_ago(1), **bounced)
    roll_up(connection)
