"""What Instantly lets us do about placement tests: make, change, delete. Each such call is sent once.

Reference: https://developer.instantly.ai/api-reference/inboxplacementtest. Making one sends real mail and uses the plan's quota.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from clients.vendors import instantly_making as making
from clients.vendors import instantly_wire as wire
from clients.vendors.bodies import loads
from clients.vendors.errors import AccessDenied, Rejected, UnexpectedAnswer, VendorError
from clients.vendors.instantly_lists import LABEL, Lists
from clients.vendors.instantly_tests_wire import placement_test
from clients.vendors.instantly_zones import ZONES
from clients.vendors.records import PlacementTestRecord
from clients.vendors.rows import BadField
from clients.vendors.testing import NewTest, SeedGroup, TestEdit

_MOST_TAGS = 10  # pages


class InstantlyTests(Lists):
    """The part of Instantly that makes and steers tests."""

    test_zones = ZONES
    test_conditions = tuple(making.CONDITIONS)
    sending_statuses = frozenset({"active"})

    def seed_groups(self) -> Sequence[SeedGroup]:
        """Reference: 'Get ESP options': a bare array, whose length hangs on the plan."""
        return making.groups(self._asked(making.GROUPS, {}, list, "seed groups"))

    def tag_names(self) -> dict[str, str]:
        """Reference: 'List custom tag'."""
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(_MOST_TAGS):
            asked = {wire.LIMIT: wire.MOST_ROWS, **({wire.CURSOR: cursor} if cursor else {})}
            content = self._asked(making.TAGS, asked, dict, "tags", "custom_tags:read")
            rows, cursor = making.labels(content.get(wire.ROWS)), str(content.get(wire.NEXT) or "")
            found |= rows
            if not rows or not cursor:
                break
        return found

    def test(self, external_id: str) -> PlacementTestRecord:
        """Reference: 'Get inbox placement test'."""
        return _record(self._asked(_one(external_id), {}, dict, "a test"))

    def recipe(self, external_id: str) -> NewTest:
        return making.recipe(self._asked(_one(external_id), {}, dict, "a test"))

    @classmethod
    def recipe_of(cls, raw: dict[str, Any]) -> NewTest:
        return making.recipe(raw)

    def create_test(self, new: NewTest) -> PlacementTestRecord:
        """Reference: 'Create inbox placement test'."""
        return self._sent("create", making.CREATE, making.TESTS, making.new_test(new))

    def edit_test(self, external_id: str, edit: TestEdit) -> PlacementTestRecord:
        """Reference: 'Patch inbox placement test'."""
        return self._sent("update", making.CHANGE, _one(external_id), making.changes(edit))

    def delete_test(self, external_id: str) -> None:
        """Reference: 'Delete inbox placement test': neither with a body nor with its content type."""
        self._sent("delete", making.DELETE, _one(external_id), None)

    def _asked[T](self, path: str, params: dict[str, Any], kind: type[T], what: str, scope: str = "") -> T:
        def decode(body: bytes) -> T:
            return _of(kind, body, what)

        problem: VendorError
        try:
            return self.http.get(path, params, decode=decode, headers=self._as)
        except AccessDenied as refusal:
            problem = self.lacks(refusal, scope or wire.SCOPES["tests"], f"read {what}")
        raise problem from None

    def _sent(self, act: str, method: str, path: str, body: dict[str, Any] | None) -> PlacementTestRecord:
        problem: VendorError
        try:
            return _record(_of(dict, self.http.send(method, path, body, headers=self._as), "a test"))
        except Rejected as refusal:
            problem = Rejected(refusal.text, refusal.status, making.pointed(refusal.said), refusal.said)
        except AccessDenied as refusal:
            problem = self.lacks(refusal, making.SCOPES[act], f"{act} placement tests")
        raise problem from None


def _one(external_id: str) -> str:
    return f"{making.TESTS}/{quote(external_id, safe='')}"


def _of[T](kind: type[T], body: bytes, what: str) -> T:
    content = loads(body, LABEL)
    if not isinstance(content, kind):
        raise UnexpectedAnswer(f"{LABEL} sent something else than {what}.", what)
    return content


def _record(content: dict[str, Any]) -> PlacementTestRecord:
    try:
        return placement_test(content)
    except BadField as bad:
        raise UnexpectedAnswer(f"{LABEL} sent a test whose '{bad.field}' {bad.why}.", bad.field) from None
