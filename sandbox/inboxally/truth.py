"""What the numbers of an account really are, for comparing a page with them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sandbox.answers import Json
from sandbox.clock import at, iso
from sandbox.inboxally.account import Account
from sandbox.inboxally.broadcasts import Counts
from sandbox.inboxally.vocabulary import PROVIDERS


def truth(account: Account, now: int, oldest: date) -> dict[str, Json]:
    """Counts of the mail that has arrived: in all, and a row for each day, mailbox provider and sending domain."""
    cells: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    broadcasts = 0
    for broadcast in account.mailings.visible(now, oldest):
        broadcasts += 1
        day, domain = broadcast.day.isoformat(), broadcast.from_email.rpartition("@")[2]
        for provider, counts in zip(PROVIDERS, broadcast.at(now), strict=True):
            if sum(counts):
                cell = cells[day, provider, domain]
                for index, number in enumerate(counts):
                    cell[index] += number
    rows = [
        {"date": day, "provider": provider, "domain": domain, **_named((cell[0], cell[1], cell[2]))}
        for (day, provider, domain), cell in sorted(cells.items())
    ]
    primary, promotions, spam = (sum(cell[index] for cell in cells.values()) for index in range(3))
    return {
        "account": account.name,
        "as_of": iso(at(now)),
        "broadcasts": broadcasts,
        "senders": len(account.senders),
        "seeds_active": len(account.active_seeds()),
        "total": _named((primary, promotions, spam)),
        "rows": rows,
    }


def _named(counts: Counts) -> dict[str, int]:
    primary, promotions, spam = counts
    return {"total_emails": sum(counts), "primary_inbox": primary, "promotions": promotions, "spam": spam}
