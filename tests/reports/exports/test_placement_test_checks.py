"""What placement tests say of blacklists and spam rules, as CSV."""

from __future__ import annotations

from clients.models import Connection
from tests.cast import Cast
from tests.factories import days_ago
from tests.placing import placement_test, report, run
from tests.reports.exports.reading import column, exported, fetched, whole
from tests.reports.reading import as_user

ANN, OAK = "ann@acme.example", "oak@birch.example"


def test_blacklists_and_rules_are_those_of_the_client_s_own_domains(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P"}, OAK: {"gmail": "P"}}, name="=Weekly")
    lists = [
        {"blacklist": "one.example", "listed": True, "kind": "ip"},
        {"blacklist": "two.example", "listed": False, "kind": "domain"},
    ]
    rules = [{"name": "LIGHT", "description": "", "score": -0.1}, {"name": "HEAVY", "description": "=Bad", "score": 2.5}]
    report(test, "acme.example", score=4.7, lists=lists, rules=rules)
    report(test, "birch.example", lists=lists, rules=rules)
    path = f"/clients/acme/tests/{test.uuid}/export/"
    found = fetched(as_user(cast.cleo), f"{path}test-blacklists.csv")
    assert [(row["domain"], row["kind"], row["blacklist"], row["listed"]) for row in found] == [
        ("acme.example", "ip", "one.example", "yes"),
        ("acme.example", "domain", "two.example", "no"),
    ]
    assert (found[0]["client"], found[0]["test"], found[0]["ip"]) == ("acme", "'=Weekly", "203.0.113.9")
    found = fetched(as_user(cast.cleo), f"{path}test-rules.csv")
    assert [(row["rule"], row["weight"], row["description"], row["score"]) for row in found] == [
        ("HEAVY", "2.5", "'=Bad", "4.7"),
        ("LIGHT", "-0.1", "", "4.7"),
    ]
    every = exported("test-blacklists", whole(cast.north))
    assert {(row["client"], row["domain"]) for row in every} == {("acme", "acme.example"), ("birch", "birch.example")}


def test_reports_of_one_run_are_those_until_the_next(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P"}}, on=days_ago(9), kind="automated", status="active")
    run(test, {ANN: {"gmail": "P"}}, on=days_ago(2))
    for day in (9, 2):
        report(test, "acme.example", lists=[{"blacklist": f"{day}.example", "listed": True, "kind": "ip"}], day=days_ago(day))
    path = f"/clients/acme/tests/{test.uuid}/export/test-blacklists.csv"
    both, first = (fetched(as_user(cast.ben), path + query) for query in ("", f"?day={days_ago(9)}"))
    assert column(first, "blacklist") == ["9.example"]
    assert sorted(column(both, "blacklist")) == ["2.example", "9.example"]
