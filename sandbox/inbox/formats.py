"""Events as webhooks of other versions tell them: `v2` says little more than that something happened, `legacy` even less."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.answers import Json

type Event = dict[str, Json]

_OBJECTS = {"thread": "threadId", "message": "messageId", "tag": "tagId", "status": "statusId"}
_CHANGED = {"statusChanged": "statusId", "tagsChanged": "tags", "notesChanged": "notes", "valuationChanged": "valuation"}


def v2(event: Event) -> Event | None:
    of, _, what = event["type"].partition(".")
    data, named = event["data"], ""
    kind, told = event["type"], {}
    if of == "prospect":
        context = data["prospect"]["context"]
        kind, named, of = f"contact.{what}", data["prospect"].get("externalId") or data["prospect"].get("id"), "contact"
        told = {_CHANGED[what]: context[_CHANGED[what]]} if what in _CHANGED else {}
    elif kind == "message.created":
        ours = data["message"]["authorId"] == data["thread"].get("accountLinkId")
        kind, named, told = f"message.{'sent' if ours else 'received'}", data["message"]["id"], {"threadId": data["thread"]["id"]}
    else:
        named = (data.get(of) or {}).get("id") or data.get(_OBJECTS.get(of, "id"), "")
    about = {"type": of, "id": named, "url": f"https://inboxapp.example/api/v2/{of}s/{named}"}
    return {
        "id": event["id"], "seq": event["seq"], "type": kind, "apiVersion": "2", "createdAt": event["timestamp"],
        "object": about, "data": told,
    }  # fmt: skip


def legacy(event: Event) -> Event | None:
    """Of a message; None for all that it has no word for."""
    if event["type"] != "message.created":
        return None
    data = event["data"]
    ours = data["message"]["authorId"] == data["thread"].get("accountLinkId")
    person = {"id": data["prospect"].get("externalId"), "displayName": data["prospect"]["displayName"], "platform": "twitter"}
    told = {"team": {"id": event["teamId"]}, "message": data["message"], "external": person, "thread": data["thread"]}
    head = {"event": "targetContacted" if ours else "targetReplied", "version": "1.0", "timestamp": event["timestamp"]}
    return {**head, "platform": "twitter", "source": "inbox", "data": {**told, "campaign": None}}


FORMATS: dict[str, Callable[[Event], Event | None]] = {"v1": lambda event: event, "v2": v2, "legacy": legacy}
