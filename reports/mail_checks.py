"""What a test found out about the mails themselves: authentication, blacklists, SpamAssassin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from clients.models import MailboxProvider, TestMail, TestReport
from reports.queries.placement_test import CHECKS, Region
from reports.stats import UNMEASURED, Rate, mails

MOSTLY = 0.95  # of the mails passed: below it something is wrong with the sender, above it with a mail


class Check(NamedTuple):
    name: str
    passed: str
    n: str
    interval: str
    failed: int
    band: str  # bad, look where a few failed, or nothing
    title: str


def checks(regions: Iterable[Region]) -> list[Check]:
    """SPF, DKIM, DMARC; none where the vendor says nothing of any."""
    found, regions = [], list(regions)
    for name in CHECKS:
        rate = Rate(sum(one.checks[name].hits for one in regions), sum(one.checks[name].n for one in regions))
        interval = rate.between or UNMEASURED
        found.append(Check(name.upper(), rate.text, f"{rate.n:,}", interval, rate.n - rate.hits, _band(rate), rate.title))
    return found if any(check.n != "0" for check in found) else []


def _band(rate: Rate) -> str:
    return "" if rate.hits == rate.n else "bad" if rate.hits < MOSTLY * rate.n else "look"


SHOWN = 3  # mails of a group, with their headers: the others' say the same


@dataclass(frozen=True, slots=True)
class Failure:
    recipient: str
    provider: str
    headers: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Failures:
    """Of one sender, with the same checks failed."""

    sender: str
    failed: list[str]
    mails: str
    first: Failure
    others: list[Failure]
    unshown: int


def failures(rows: Iterable[TestMail]) -> list[Failures]:
    """Most mails first."""
    found: dict[tuple[str, tuple[str, ...]], list[TestMail]] = {}
    for row in rows:
        failed = tuple(name.upper() for name in CHECKS if getattr(row, name) is False)
        found.setdefault((row.sender_email, failed), []).append(row)
    groups = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [_group(sender, failed, of) for (sender, failed), of in groups]


def _group(sender: str, failed: Sequence[str], rows: Sequence[TestMail]) -> Failures:
    first, *others = [_failure(row) for row in rows[:SHOWN]]
    return Failures(sender, list(failed), mails(len(rows)), first, others, len(rows) - 1 - len(others))


def _failure(row: TestMail) -> Failure:
    labels = dict(MailboxProvider.choices)
    headers = row.headers if isinstance(row.headers, dict) else {}
    said = [(str(name).replace("_", "-"), str(text)) for name, text in headers.items() if text]
    return Failure(row.recipient_email, labels.get(row.mailbox_provider, row.provider_raw), said)


class Hit(NamedTuple):
    """A blacklist that has the IP or the domain `what`."""

    blacklist: str
    what: str
    kind: str


@dataclass(frozen=True, slots=True)
class DomainLine:
    domain: str
    ip: str
    domain_lists: str
    ip_lists: str
    domain_listed: bool
    ip_listed: bool
    score: str


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    weight: str
    description: str
    domains: list[str]


@dataclass(frozen=True, slots=True)
class Reputation:
    lines: list[DomainLine]
    hits: list[Hit]
    rules: list[Rule]  # those with weight, heaviest first
    weightless: list[str]  # names of those that matched without any

    @property
    def words(self) -> str:
        if self.hits or any(line.domain_listed or line.ip_listed for line in self.lines):
            return ""
        looked = [line for line in self.lines if NOT_LOOKED_UP not in (line.domain_lists, line.ip_lists)]
        return "No blacklist has them." if len(looked) == len(self.lines) else ""


def reputation(reports: Sequence[TestReport]) -> Reputation:
    rules = _rules(reports)
    heavy = [rule for rule, score in rules if score]
    return Reputation(
        [_domain_line(report) for report in reports],
        list(dict.fromkeys(hit for report in reports for hit in _hits(report))),
        heavy,
        [rule.name for rule, score in rules if not score],
    )


NOT_LOOKED_UP = "not looked up"  # which is not 'none'


def _domain_line(report: TestReport) -> DomainLine:
    score = UNMEASURED if report.spam_score is None else f"{report.spam_score:.1f}"
    return DomainLine(
        report.domain,
        report.ip or UNMEASURED,
        _lists(report.domain_blacklists),
        _lists(report.ip_blacklists),
        bool(report.domain_blacklists),
        bool(report.ip_blacklists),
        score,
    )


def _lists(count: int | None) -> str:
    return NOT_LOOKED_UP if count is None else "none" if not count else "1 list" if count == 1 else f"{count:,} lists"


def _hits(report: TestReport) -> list[Hit]:
    found = []
    for one in _objects(report.details, "lists"):
        if one.get("listed"):
            is_ip = one.get("kind") == "ip"
            what = report.ip if is_ip else report.domain
            found.append(Hit(str(one.get("blacklist") or "unnamed list"), what or UNMEASURED, "IP" if is_ip else "domain"))
    return found


def _rules(reports: Sequence[TestReport]) -> list[tuple[Rule, float]]:
    """By weight; where domains differ in one, the heaviest counts."""
    weights: dict[str, float] = {}
    texts: dict[str, str] = {}
    domains: dict[str, set[str]] = {}
    for report in reports:
        for one in _objects(report.details, "rules"):
            name, score = str(one.get("name") or "unnamed rule"), one.get("score")
            score = float(score) if isinstance(score, int | float) else 0.0
            weights[name] = max(weights.get(name, score), score)
            texts.setdefault(name, str(one.get("description") or ""))
            domains.setdefault(name, set()).add(report.domain)
    names = sorted(weights, key=lambda name: (-weights[name], name))
    return [(Rule(name, _weight(weights[name]), texts[name], sorted(domains[name])), weights[name]) for name in names]


def _weight(score: float) -> str:
    return f"{score:+.1f}".replace("-", "−")


def _objects(details: Any, name: str) -> list[dict[str, Any]]:
    found = details.get(name) if isinstance(details, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
