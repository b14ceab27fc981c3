"""What one placement test's page says of authentication, blacklists and spam rules."""

from __future__ import annotations

import re

from clients.models import Connection
from tests.cast import Cast
from tests.placing import HEADERS, placement_test, report
from tests.reports.one_test import path, table
from tests.reports.reading import as_user, text, words

ANN, BOB, CAT = "ann@acme.example", "bob@acme.example", "cat@acme.example"
OAK = "oak@birch.example"
HTMX = {"HX-Request": "true", "HX-Target": "results"}


def test_authentication_and_the_failing_mails_headers_escaped(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P" * 8 + "FF"}, OAK: {"yahoo": "F"}})
    page = text(as_user(cast.ben).get(path(test)))
    found = table(page, "Authentication")
    assert (found["SPF"][0], found["SPF"][2:]) == ("80.0 %", ["10", "2"])
    assert (found["DMARC"][0], found["DMARC"][2:]) == ("100.0 %", ["10", "0"])
    assert "2 mails that failed, by sender and reason, with headers" in page
    assert "received-spf:</strong> fail (domain of &lt;news@acme.example&gt;" in page
    assert HEADERS["received_spf"] not in page
    assert re.findall(r'<span class="tag bad">(\w+)</span>', page) == ["SPF", "DKIM"]
    test.mails.filter(spf=False).update(spf=None)
    assert re.findall(r'<span class="tag bad">(\w+)</span>', text(as_user(cast.ben).get(path(test)))) == ["DKIM"]
    assert "yahoo" not in page


def test_no_verdict_on_authentication_is_no_pass(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "PPPP"}})
    test.mails.update(spf=None, dkim=None, dmarc=None)
    assert "Authentication" not in text(as_user(cast.ben).get(path(test)))


def test_which_blacklist_has_what_and_which_rules_weigh_most(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P"}, OAK: {"gmail": "P"}})
    report(
        test,
        "acme.example",
        score=3.4,
        domain_blacklists=1,
        ip_blacklists=1,
        lists=[
            {"blacklist": "dnsbl.example", "listed": True, "kind": "ip"},
            {"blacklist": "<b>uribl", "listed": True, "kind": "domain"},
            {"blacklist": "clean.example", "listed": False, "kind": "ip"},
        ],
        rules=[
            {"name": "HTML_MESSAGE", "description": "HTML in it", "score": 0.0},
            {"name": "DKIM_VALID", "description": "Signed", "score": -0.1},
            {"name": "URI_BAD", "description": "A <bad> link", "score": 2.5},
            {"name": "SUBJ_ALL_CAPS", "description": "Loud", "score": 1.0},
        ],
    )
    report(test, "birch.example", domain_blacklists=5)
    page = text(as_user(cast.ben).get(path(test)))
    assert table(page, "By sending domain") == {"acme.example": ["203.0.113.9", "1 list", "1 list", "3.4"]}
    hits = [words(one) for one in re.findall(r"<li><strong>.*?</li>", page)]
    assert hits == ["dnsbl.example has the IP 203.0.113.9", "<b>uribl has the domain acme.example"]
    assert list(table(page, "SpamAssassin's rules")) == ["URI_BAD", "SUBJ_ALL_CAPS", "DKIM_VALID"]
    assert table(page, "SpamAssassin's rules")["DKIM_VALID"][0] == "−0.1"
    assert "Matched without weight: HTML_MESSAGE." in page
    assert "<b>uribl" not in page
    assert "<bad>" not in page


def test_what_was_not_looked_up_is_not_called_clean(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "P"}})
    one = report(test, "acme.example", score=None)
    page = text(as_user(cast.ben).get(path(test)))
    assert table(page, "By sending domain")["acme.example"] == ["203.0.113.9", "not looked up", "not looked up", "–"]
    assert "No blacklist has them" not in page
    one.domain_blacklists = one.ip_blacklists = 0
    one.save()
    page = text(as_user(cast.ben).get(path(test)))
    assert table(page, "By sending domain")["acme.example"][1:3] == ["none", "none"]
    assert "No blacklist has them." in page


def test_what_failed_alike_is_shown_once_and_the_rest_folded(cast: Cast, tested: Connection) -> None:
    test = placement_test(tested, {ANN: {"gmail": "F" * 6}, BOB: {"gmail": "PPF"}})
    page = text(as_user(cast.ben).get(path(test)))
    groups = re.search(r'<ul class="failures">(.*?)</ul>', page, re.DOTALL)
    ann, bob = (words(one) for one in groups[1].split("</li>")[:2]) if groups else ("", "")
    assert ann.replace(" ", "").startswith("ann@acme.exampleSPFDKIM6mails")
    assert "2 more of them" in ann
    assert "3 others failed the same" in ann
    assert bob.replace(" ", "").startswith("bob@acme.exampleSPFDKIM1mailto")
    assert "more of them" not in bob
    assert ann.count("received-spf:") == 3


def test_a_check_that_few_failed_is_not_as_red_as_one_that_many_did(cast: Cast, tested: Connection) -> None:
    for landed, tone in (("P" * 99 + "F", "is-look"), ("P" * 90 + "F" * 10, "is-bad"), ("P" * 9, "")):
        page = text(as_user(cast.ben).get(path(placement_test(tested, {ANN: {"gmail": landed}}))))
        found = re.search(r'SPF</th><td class="number ?([a-z-]*)"', page)
        assert found
        assert found[1] == tone
