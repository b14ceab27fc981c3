"""At which mailbox provider somebody reads, as far as the name of their domain says it.

A company's domain says nothing of who hosts it: it is 'other', as is every consumer's that product.md has no name for (GMX,
iCloud, Proton …). So Google Workspace and Microsoft 365 are never the answer.
"""

from __future__ import annotations

import re
from functools import lru_cache

from clients.models import MailboxProvider as At

_DOMAINS = {
    "gmail.com": At.GMAIL,
    "googlemail.com": At.GMAIL,
    "web.de": At.WEB_DE,
    "msn.com": At.HOTMAIL,
    "windowslive.com": At.HOTMAIL,
    "passport.com": At.HOTMAIL,
    **dict.fromkeys(("ymail.com", "rocketmail.com", "myyahoo.com", "aim.com"), At.YAHOO),
    **dict.fromkeys(("libero.it", "inwind.it", "iol.it", "blu.it", "giallo.it"), At.LIBERO),
    "yahoo.co.jp": At.OTHER,  # another company's, on servers of its own
}
#: Names under which a mailbox provider has a domain in many countries. Yahoo's servers take AOL's mail too.
_NAMES = {"yahoo": At.YAHOO, "aol": At.YAHOO, "hotmail": At.HOTMAIL, "live": At.HOTMAIL, "outlook": At.OUTLOOK}
_COUNTRY = re.compile(r"com|(com?\.)?[a-z]{2}")


def mailbox_provider(address: str) -> str:
    """Of `MailboxProvider`; '' where the address has no domain."""
    domain = address.strip().rpartition("@")[2].rstrip(".").lower()
    return _of(domain) if "." in domain and "@" in address else ""


@lru_cache(maxsize=4096)
def _of(domain: str) -> str:
    name, _, country = domain.partition(".")
    found = _DOMAINS.get(domain) or (_NAMES.get(name) if _COUNTRY.fullmatch(country) else None)
    return str(found or At.OTHER)
