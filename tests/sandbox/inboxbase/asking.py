"""Asks the sandbox's InboxBase as a careful client would."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.server import Sandbox

Row = dict[str, Any]

MAYA = "maya.northwind@inboxbase.ai"
JAN = "jan.brunnen@inboxbase.ai"


class Asking:
    def __init__(self, box: Sandbox, client: httpx.Client, handle: str = MAYA, org: str = "harbour") -> None:
        self.box, self.client, self.handle, self.org = box, client, handle, org

    def at(self, handle: str, org: str = "harbour") -> Asking:
        return Asking(self.box, self.client, handle, org)

    def ask(self, method: str, path: str, json: Any = None, also: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.box.key(self.org, 'inboxbase')}", **(also or {})}
        address = f"/v1/identities/{self.handle}/{path}"
        return self.client.request(method, address, headers=headers, json=json, params=params or None)

    def get(self, path: str, **params: Any) -> Any:
        response = self.ask("GET", path, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def send(self, key: str | None = None, **body: Any) -> httpx.Response:
        body = {"subject": "Hello", "text": "A word.", **body} if "convId" not in body else {"text": "A word.", **body}
        return self.ask("POST", "send", body, {"Idempotency-Key": key} if key else None)

    def events(self, **params: Any) -> list[Row]:
        return list(self.get("events", limit=200, **params)["events"])

    def news(self) -> int:
        """The last event's number."""
        return int(self.truth()["identities"][self.handle]["events"])

    def truth(self, **which: str) -> Any:
        return self.box.truth(self.org, "inboxbase", **which)

    def change(self, **what: Any) -> Any:
        return self.box.change(f"{self.org}/{self.handle}", "inboxbase", **what)

    def switch(self, **values: Any) -> None:
        self.box.inboxbase.switches.turn(values)


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]
