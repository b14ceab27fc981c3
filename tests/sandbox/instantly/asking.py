"""Asks the sandbox's Instantly as a careful client would."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.server import Sandbox

Row = dict[str, Any]


class Asking:
    def __init__(self, box: Sandbox, client: httpx.Client, key: str = "agency", workspace: str | None = "northwind") -> None:
        self.box, self.client, self.key, self.workspace = box, client, key, workspace

    def of(self, workspace: str | None) -> Asking:
        """With the same key for another workspace of the group; None = the key's own."""
        return Asking(self.box, self.client, self.key, workspace)

    def by(self, key: str) -> Asking:
        return Asking(self.box, self.client, key, None)

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.box.key(self.key, 'instantly')}"}
        if self.workspace:
            headers["x-as-workspace"] = self.box.instantly.workspace(self.workspace).id
        return headers

    def send(self, method: str, path: str, json: Any = None, **params: Any) -> httpx.Response:
        return self.client.request(method, f"/api/v2/{path}", headers=self.headers, json=json, params=params or None)

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.send("GET", path, **params)

    def post(self, path: str, json: Any = None) -> httpx.Response:
        return self.send("POST", path, json=json)

    def pages(self, path: str, **params: Any) -> list[list[Row]]:
        """All pages of a list; it fails when a cursor comes twice."""
        found, cursor, seen = [], None, set()
        while True:
            response = self.get(path, **params, **({"starting_after": cursor} if cursor else {}))
            assert response.status_code == 200, response.text
            value = response.json()
            found.append(value["items"])
            cursor = value.get("next_starting_after")
            if not cursor or not value["items"]:
                return found
            assert cursor not in seen
            seen.add(cursor)

    def every(self, path: str, **params: Any) -> list[Row]:
        return [row for page in self.pages(path, **{"limit": 100, **params}) for row in page]

    def rows(self, test: Row, **params: Any) -> list[Row]:
        return self.every("inbox-placement-analytics", test_id=test["id"], **params)

    def tests(self, **params: Any) -> dict[str, Row]:
        """By name; of several with the same name the newest."""
        return {test["name"]: test for test in reversed(self.every("inbox-placement-tests", **params))}

    def test(self, identity: str) -> Row:
        found: Row = self.get(f"inbox-placement-tests/{identity}").json()
        return found

    def truth(self, **params: str) -> Any:
        account = self.workspace or self.box.instantly.access(self.key).key.workspace
        return self.control("GET", "truth", account=account, **params).json()

    def control(self, method: str, name: str, json: Any = None, **params: Any) -> httpx.Response:
        return self.client.request(method, f"/_sandbox/{name}", json=json, params={"vendor": "instantly", **params})

    def forward(self, minutes: float) -> None:
        self.box.clock.forward(60 * minutes)

    def switch(self, **values: Any) -> None:
        assert self.control("POST", "switches", json=values).status_code == 200

    def change(self, **what: Any) -> Any:
        account = self.workspace or self.key
        response = self.control("POST", "change", json={"account": account, **what})
        assert response.status_code == 200, response.text
        return response.json()


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    """(status, error, message), as the vendor shapes every refusal."""
    body = response.json()
    assert body["statusCode"] == response.status_code
    return body["statusCode"], body["error"], body["message"]
