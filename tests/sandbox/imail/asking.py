"""Asks the sandbox's imail as a careful client would."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.server import Sandbox

Row = dict[str, Any]


class Asking:
    def __init__(self, box: Sandbox, client: httpx.Client, key: str = "northwind") -> None:
        self.box, self.client, self.key = box, client, key

    def by(self, key: str) -> Asking:
        return Asking(self.box, self.client, key)

    def send(
        self, method: str, path: str, json: Any = None, *, also: dict[str, str] | None = None, **params: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.box.key(self.key, 'imail')}", **(also or {})}
        return self.client.request(method, f"/v1/{path}", headers=headers, json=json, params=params or None)

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.send("GET", path, **params)

    def post(self, path: str, json: Any = None) -> httpx.Response:
        return self.send("POST", path, json)

    def pages(self, path: str, **params: Any) -> list[list[Row]]:
        """All pages of a list; it fails when a cursor comes twice."""
        found, cursor, seen = [], None, set()
        while True:
            response = self.get(path, **params, **({"cursor": cursor} if cursor else {}))
            assert response.status_code == 200, response.text
            value = response.json()
            found.append(value["data"])
            cursor = value["pagination"]["next_cursor"]
            assert value["pagination"]["has_more"] is (cursor is not None)
            if not cursor:
                return found
            assert cursor not in seen
            seen.add(cursor)

    def every(self, path: str, **params: Any) -> list[Row]:
        return [row for page in self.pages(path, **{"limit": 100, **params}) for row in page]

    def campaign(self, name: str) -> Row:
        return next(row for row in self.every("campaigns") if row["name"] == name)

    def truth(self) -> Any:
        return self.box.truth(self.key, "imail")

    def switch(self, **values: Any) -> None:
        self.box.imail.switches.turn(values)

    def change(self, **what: Any) -> Any:
        return self.box.change(self.key, "imail", **what)


def refusal(response: httpx.Response) -> tuple[int, str, str | None]:
    """(status, code, field), as the vendor shapes every refusal."""
    body = response.json()
    assert body["request_id"].startswith("req_")
    assert body["error"]["message"]
    assert body["error"]["doc"].endswith(body["error"]["code"])
    return response.status_code, body["error"]["code"], body["error"].get("field")
