"""What imail lets us change: inboxes and campaigns paused and resumed, warmup on and off. Each such call is sent once.

Reference: https://imail.now/api-docs, 'Campaigns' and 'Inboxes'. Their paths and bodies are assumed, as in `imail_wire`.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import quote

from clients.vendors import imail_wire as wire
from clients.vendors.bodies import loads
from clients.vendors.errors import AccessDenied, Rejected, UnexpectedAnswer
from clients.vendors.imail_lists import LABEL, Lists
from clients.vendors.imail_wire import PATHS, PINNED
from clients.vendors.records import SenderRecord, Warmup, What
from clients.vendors.rows import BadField

RESUME, PAUSE = "active", "paused"
GONE = 404

_AWAY = {
    "disconnected": "It is disconnected: connect it again in imail first.",
    "setup pending": "It has not been set up yet.",
}
_AT_REST = {"draft": "It is a draft: it has not been started.", "completed": "It is completed."}


class Writes(Lists):
    can = frozenset({"reconnect", "inboxes", "leads", "campaigning"})
    sender_acts: ClassVar = {"status": (RESUME, PAUSE), "warmup": ("on", "off")}
    campaign_acts: ClassVar = {"status": (RESUME, PAUSE)}
    sender_bars: ClassVar = {
        **{("status", turned, now): why for turned in (RESUME, PAUSE) for now, why in _AWAY.items()},
        ("warmup", "on", wire.PAUSED_ITSELF): "Its warmup paused itself: look at it in imail first.",
    }
    campaign_bars: ClassVar = {("status", turned, now): why for turned in (RESUME, PAUSE) for now, why in _AT_REST.items()}

    def sender(self, external_id: str) -> SenderRecord:
        """Reference: 'Inboxes', one of them."""
        content = self._one(self._inbox(external_id))
        try:
            return wire.sender(content)
        except BadField as bad:
            raise UnexpectedAnswer(f"{LABEL} sent an inbox whose '{bad.field}' {bad.why}.", bad.field) from None

    def edit(self, external_id: str, what: What) -> None:
        """Reference: 'Inboxes', changed."""
        told = {"warmup_enabled": what.on} if isinstance(what, Warmup) else {"status": wire.SET[str(what)]}
        self._send("PATCH", self._inbox(external_id), told)

    def reconnect(self, external_id: str) -> str:
        """Reference: 'Inboxes', reconnected; `setup_url` is where a Google or Microsoft account is signed in to."""
        return setup_page(read_object(self._send("POST", f"{self._inbox(external_id)}/reconnect")))

    def campaign_status(self, external_id: str) -> str:
        """Reference: 'Campaigns', one of them."""
        status = wire.campaign_status(self._one(path_to("campaigns", external_id)))
        if not status:
            raise UnexpectedAnswer(f"{LABEL} sent a campaign without a status.", "status")
        return status

    def edit_campaign(self, external_id: str, status: str) -> None:
        """Reference: 'Campaigns', paused and resumed. Where there are no such calls the campaign itself is changed: a path that
        is not there has carried nothing out."""
        path = path_to("campaigns", external_id)
        try:
            self._send("POST", f"{path}/{'resume' if status == RESUME else 'pause'}")
        except Rejected as refusal:
            if refusal.status != GONE:
                raise
            self._send("PATCH", path, {"status": status})

    def _inbox(self, address: str) -> str:
        found = next((key for key, known in self._addresses.items() if known == address.lower()), None)
        if found is None:
            raise Rejected(f"{LABEL} has no inbox {address}.", GONE)
        return path_to("inboxes", found)

    def _one(self, path: str) -> dict[str, Any]:
        try:
            return self.http.get(path, decode=read_object, headers=PINNED)
        except AccessDenied as refusal:
            problem = self.explained(refusal)
        raise problem from None

    def _send(self, method: str, path: str, body: Any = None) -> bytes:
        try:
            return self.http.send(method, path, body, headers=PINNED)
        except AccessDenied as refusal:
            problem = self.explained(refusal)
        raise problem from None


def path_to(resource: str, external_id: str) -> str:
    return f"{PATHS[resource]}/{quote(external_id, safe='')}"


def setup_page(content: dict[str, Any]) -> str:
    """Where an inbox's owner signs in; '' where nobody must."""
    page = content.get(wire.SETUP) or ""
    if not isinstance(page, str) or (page and not re.fullmatch(r"https://[^\s/@:]+(/[^\s]*)?", page)):
        raise UnexpectedAnswer(f"{LABEL} sent an address that is none.", wire.SETUP)
    return page


def read_object(body: bytes) -> dict[str, Any]:
    """As it is, or under `data`."""
    content = loads(body, LABEL)
    inner = content.get(wire.ROWS) if isinstance(content, dict) else None
    content = inner if isinstance(inner, dict) else content
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{LABEL} sent something else than it should.", "id")
    return content
