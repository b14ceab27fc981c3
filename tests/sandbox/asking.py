"""Asks the sandbox as a careful client would."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.server import Sandbox


class Asking:
    def __init__(self, box: Sandbox, client: httpx.Client, account: str = "northwind") -> None:
        self.box, self.client, self.account = box, client, account

    def of(self, account: str) -> Asking:
        return Asking(self.box, self.client, account)

    def send(self, method: str, path: str, json: Any = None, **params: Any) -> httpx.Response:
        headers = {"X-API-KEY": self.box.key(self.account)}
        return self.client.request(method, f"/v3{path}", headers=headers, json=json, params=params or None)

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.send("GET", path, **params)

    def pages(self, path: str, **params: Any) -> list[list[dict[str, Any]]]:
        """All pages of a list; it fails when a cursor comes twice."""
        found, token, seen = [], None, set()
        while True:
            response = self.get(path, **params, **({"page_token": token} if token else {}))
            assert response.status_code == 200, response.text
            value = response.json()
            token = value.pop("next_page_token", None)
            (rows,) = value.values()
            found.append(rows)
            if token is None:
                return found
            assert token not in seen
            seen.add(token)

    def every(self, path: str, **params: Any) -> list[dict[str, Any]]:
        return [row for page in self.pages(path, **{"limit": 100, **params}) for row in page]

    def control(self, method: str, name: str, json: Any = None, **params: Any) -> httpx.Response:
        return self.client.request(method, f"/_sandbox/{name}", json=json, params=params or None)
