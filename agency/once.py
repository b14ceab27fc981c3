"""An address that is a key: shown once, on the page that follows the act which made it."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from agency.mail import link
from agency.secrets import Unreadable, seal, unseal

#: The same asked for by the same person within these is one form, sent twice: what the first made holds, and its address waits in
#: the session to be shown. Later, somebody wants another.
AGAIN = timedelta(seconds=10)


class SentTwice(Exception):
    """Nothing was made: the same was, a moment ago."""


@sensitive_variables()
def keep(request: HttpRequest, name: str, owner: str, path: str) -> None:
    """Until `shown` asks for it. `owner`: the uuid, as text, of what it opens."""
    # Sealed: sessions are rows, and only a hash of the token may stand in a row.
    request.session[name] = [owner, seal({"path": path}, owner=owner)]


@sensitive_variables()
def shown(request: HttpRequest, name: str, owners: set[str]) -> tuple[str, str] | None:
    """(owner, whole address) of what was kept for one of these; it is forgotten by being shown."""
    owner, sealed = request.session.get(name, ("", ""))
    if owner not in owners:
        return None
    del request.session[name]
    try:
        return owner, link(request, unseal(sealed, owner=owner)["path"])
    except Unreadable:
        return None
