"""Where people read whom outreach goes to: at companies, and at mailbox providers that everybody knows. Nobody is written to."""

from __future__ import annotations

#: The place of a person → the domain; at the others they read at a company's own.
_DOMAINS = {
    1: "gmail.com", 2: "outlook.com", 3: "gmail.com", 4: "yahoo.com", 5: "outlook.com", 6: "hotmail.com", 7: "gmail.com",
    9: "web.de",
}  # fmt: skip
SLIDING = "outlook.com"
#: Of those who read at one, out of all.
SLIDING_SHARE = 0.2


def address(name: str, place: int, company: str) -> str:
    """The same for the same place."""
    domain = _DOMAINS.get(place % 10)
    return f"{name}.sample{place}@{domain}" if domain else f"{name}{place}@{company}"


def slides(email: str) -> bool:
    """They read where the mail of a client slides whose bounces rise."""
    return email.endswith(f"@{SLIDING}")
