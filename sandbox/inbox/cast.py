"""The teams that are always there, and the keys to them, which are no secrets: they open nothing but this sandbox.

| name        | key                                        |
| ----------- | ------------------------------------------ |
| `northwind` | `sandbox-inbox-northwind-0000000000000001` |
| `agency`    | `sandbox-inbox-agency-0000000000000000002` |
| `quiet`     | `sandbox-inbox-quiet-00000000000000000003` |
| `revoked`   | `sandbox-inbox-revoked-000000000000000004` |
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """An account on X. `a_day`: new conversations."""

    username: str
    name: str
    a_day: float = 4.0
    status: str = "active"


@dataclass(frozen=True)
class Role:
    name: str
    title: str
    story: str
    links: tuple[Link, ...]
    serves: tuple[tuple[str, str, str], ...] = ()
    """Whom a demo should give which part: (client, kind, value)."""
    revoked: bool = False

    def key(self, number: int) -> str:
        head = f"sandbox-inbox-{self.name}-"
        return f"{head}{number:0{40 - len(head)}}"


CAST: tuple[Role, ...] = (
    Role(
        "northwind", "Northwind outreach", "Two accounts; one was signed out of X.",
        (Link("northwind", "Northwind"), Link("northwind_trade", "Northwind Trade", 2.0, "offline")),
        (("Northwind", "all", ""),),
    ),
    Role(
        "agency", "Harbour Mail", "One team for three clients, an account each.",
        (Link("lumenletter", "Lumen"), Link("kestrelpost", "Kestrel", 2.5), Link("fjordtravel", "Fjord", 1.5, "paused")),
        (("Lumen", "handle", "@lumenletter"), ("Kestrel", "handle", "@kestrelpost"), ("Fjord", "handle", "@fjordtravel")),
    ),
    Role("quiet", "Quiet", "A team without a conversation.", (Link("quiet", "Quiet", 0.0),)),
    Role("revoked", "Revoked", "The key was taken back.", (Link("revoked", "Revoked", 0.0),), revoked=True),
)  # fmt: skip

TAGS = (("Hot", "red"), ("Warm", "orange"), ("Partner", "blue"), ("Later", "gray"))
STATUSES = (("New", "gray"), ("Talking", "blue"), ("Won", "green"), ("Lost", "red"))
MEMBERS = (("Ada Berg", "owner"), ("Mara Lind", "admin"), ("Jonas Weber", "user"))
COLOURS = (("red", "#e5484d"), ("orange", "#f76b15"), ("blue", "#0090ff"), ("green", "#30a46c"), ("gray", "#8b8d98"))

FIRST = ("Dana", "Ilse", "Omar", "Noa", "Pavel", "Rosa", "Tariq", "Una", "Viktor", "Wei", "Yara", "Zeno")
LAST = ("Abel", "Brandt", "Costa", "Dahl", "Eriks", "Farah", "Grau", "Holm", "Ivens", "Jansen", "Kato", "Lund")
OPENERS = (
    "Hi {name}, I saw your post on landing pages. May I ask what you use for mail?",
    "Hello {name}! We help shops like yours reach the inbox. Worth ten minutes?",
    "{name}, thanks for following. Is deliverability on your plate?",
)
ANSWERS = (
    "Sure, tell me more.", "Not now, maybe next quarter.", "What does it cost?", "Can you send an example?",
    "Please don't write to me again.", "Yes! Tuesday works.", "Who are you?", "We are happy with what we have 🙂",
)  # fmt: skip
FOLLOW_UPS = (
    "Just checking in on this.", "Here is the example I promised.", "Would Thursday suit you?", "Great, I'll send an invite.",
)  # fmt: skip
