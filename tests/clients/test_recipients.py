"""Which mailbox provider an address is at, by its domain alone."""

from __future__ import annotations

import pytest

from clients.recipients import mailbox_provider

KNOWN = {
    "gmail": "gmail.com googlemail.com",
    "yahoo": "yahoo.com yahoo.de yahoo.co.uk yahoo.com.br ymail.com aol.com",
    "hotmail": "hotmail.com hotmail.fr hotmail.co.uk live.com live.nl msn.com",
    "outlook": "outlook.com outlook.de OUTLOOK.COM outlook.com.",
    "web_de": "web.de",
    "libero": "libero.it",
    "other": "icloud.com gmx.de acme.example yahoo.co.jp outlook.acme.example notgmail.com mail.gmail.com live.example",
}


@pytest.mark.parametrize(("domain", "provider"), [(one, name) for name, domains in KNOWN.items() for one in domains.split()])
def test_the_domain_tells_where_somebody_reads(domain: str, provider: str) -> None:
    assert mailbox_provider(f"dana@{domain}") == provider


@pytest.mark.parametrize("address", ["", "dana", "dana@", "gmail.com", "dana@localhost"])
def test_what_is_no_address_is_nowhere(address: str) -> None:
    assert mailbox_provider(address) == ""
