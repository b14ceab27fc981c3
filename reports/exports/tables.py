"""The tables that can be had as CSV. Their columns are a promise: docs/csv.md lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db.models import QuerySet

from reports.exports import (
    accounts,
    activity,
    changes,
    conversations,
    edits,
    events,
    feeds,
    happenings,
    identities,
    landing,
    mail,
    mails,
    outreach,
    people,
    pipeline,
    placement_tests,
    reputations,
    rotations,
    standings,
    stocks,
    streaming,
    uploads,
)
from reports.scope import Scope


@dataclass(frozen=True)
class Table:
    """Rows come from the database as CSV (`parts`, one query after the other) or are made here (`rows`)."""

    columns: Sequence[str]
    parts: Callable[[Scope], list[QuerySet[Any, Any]]] | None = None
    rows: Callable[[Scope], Iterable[Sequence[Any]]] | None = None

    def stream(self, scope: Scope) -> Iterator[bytes]:
        """The header at once, then the rows in blocks. Closing it early ends the query and frees its connection."""
        yield streaming.lines([self.columns])
        for part in self.parts(scope) if self.parts else ():
            yield from streaming.blocks(part)
        if self.rows:
            yield from map(streaming.lines, batched(self.rows(scope), streaming.BLOCK_ROWS))


TABLES = {
    "overview": Table(standings.OVERVIEW, rows=standings.of_overview),
    "clients": Table(standings.CLIENTS, rows=standings.of_clients),
    "placement": Table(mail.PLACEMENT, mail.placement),
    "broadcasts": Table(mail.BROADCASTS, mail.broadcasts),
    "sender-placement": Table(mail.SENDER_PLACEMENT, mail.sender_placement),
    "senders": Table(identities.SENDERS, identities.senders),
    "seeds": Table(identities.SEEDS, identities.seeds),
    "tests": Table(placement_tests.TESTS, placement_tests.tests),
    "test-emails": Table(placement_tests.EMAILS, placement_tests.emails),
    "campaigns": Table(outreach.CAMPAIGNS, rows=outreach.campaigns),
    "activity": Table(activity.ACTIVITY, activity.activity),
    "outreach": Table(outreach.OUTREACH, rows=outreach.outreach),
    "bounces": Table(outreach.BOUNCES, rows=outreach.bounces),
    "warmup": Table(outreach.WARMUP, outreach.warmup),
    "test-blacklists": Table(reputations.BLACKLISTS, rows=reputations.blacklists),
    "test-rules": Table(reputations.RULES, rows=reputations.rules),
    "runs": Table(happenings.RUNS, happenings.runs),
    "audit": Table(happenings.AUDIT, rows=happenings.audit),
    "days": Table(landing.DAYS, rows=landing.days),
    "providers": Table(landing.PROVIDERS, rows=landing.providers),
    "vendors": Table(landing.VENDORS, rows=landing.vendors),
    "weeks": Table(landing.WEEKS, rows=landing.weeks),
    "domains": Table(landing.DOMAINS, rows=landing.domains),
    "connections": Table(accounts.CONNECTIONS, rows=accounts.connections),
    "seed_accounts": Table(stocks.SEED_ACCOUNTS, rows=stocks.seed_accounts),
    "shuffles": Table(stocks.SHUFFLES, rows=rotations.of_scope(stocks.shuffles)),
    "mix": Table(rotations.MIX, rows=rotations.of_scope(rotations.mix)),
    "rotations": Table(rotations.ROTATIONS, rows=rotations.of_scope(rotations.rotations)),
    "rotation_checks": Table(rotations.CHECKS, rows=rotations.of_scope(rotations.rotation_checks)),
    "seed_files": Table(rotations.FILES, rows=rotations.of_scope(rotations.seed_files)),
    "feeds": Table(feeds.FEEDS, rows=feeds.feeds),
    "unassigned": Table(accounts.UNASSIGNED, rows=accounts.unassigned),
    "report_links": Table(people.REPORT_LINKS, rows=people.report_links),
    "team": Table(people.TEAM, rows=people.team),
    "changes": Table(changes.CHANGES, rows=changes.changes),
    "change_senders": Table(edits.CHANGE_SENDERS, rows=edits.senders),
    "lead-lines": Table(uploads.LEAD_LINES, rows=uploads.lines),
    "mails": Table(mails.MAILS, rows=mails.mails),
    "events": Table(events.EVENTS, events.events),
    "conversations": Table(conversations.CONVERSATIONS, rows=conversations.conversations),
    "pipeline": Table(pipeline.PIPELINE, rows=pipeline.pipeline),
    "assignments": Table(pipeline.ASSIGNMENTS, rows=pipeline.assignments),
    "status-moves": Table(pipeline.MOVES, rows=pipeline.moves),
    "log": Table(happenings.LOG, happenings.log),
}
