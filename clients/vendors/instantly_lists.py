"""How Instantly is asked: its lists, whose workspace they are read for, and what a refusal means.

Reference: https://developer.instantly.ai/getting-started/authorization and /guides/workspace-group
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self

import msgspec

from clients.vendors import instantly_wire as wire
from clients.vendors.base import Vendor
from clients.vendors.bodies import Envelope, ListDecoder, Listing, loads
from clients.vendors.errors import AccessDenied, Rejected, ScopeLacks, StaleCursor, UnexpectedAnswer, VendorError
from clients.vendors.instantly_wire import CURSOR, LIMIT, PATHS, SCOPES
from clients.vendors.records import Page, Record, WorkspaceRecord
from clients.vendors.rows import readable

LABEL = "Instantly"
ENVELOPE = Envelope((wire.ROWS,), (wire.NEXT,))


class Lists(Vendor):
    """The part of Instantly that its lists have in common."""

    _plain: ListDecoder[msgspec.Struct] = ListDecoder(ENVELOPE, None, LABEL)
    _as: ClassVar[dict[str, str]] = {}  # of the key's own workspace

    def acting_for(self, workspace: str) -> Self:
        """Reference: 'Workspace group'."""
        other = copy.copy(self)
        other._as = {wire.ACT_FOR: workspace} if workspace else {}  # type: ignore[misc]
        return other

    def check(self) -> WorkspaceRecord | None:
        """Reference: 'Get workspace': whose key it is. It costs nothing and needs no plan but a paid one."""
        try:
            return wire.own_workspace(self.http.get(PATHS["workspace"], decode=_object, headers=self._as))
        except AccessDenied as refusal:
            hint = f"A key without the scope {SCOPES['workspace']} is refused here too."
            raise AccessDenied(f"{refusal.text} {hint}", refusal.said) from None

    def _list[R: msgspec.Struct](
        self, resource: str, decode: ListDecoder[R], cursor: str | None, params: dict[str, str], *, may_be_denied: bool = False
    ) -> Listing[R]:
        """`may_be_denied`: raises a refusal as it came, after one call."""
        asked: dict[str, Any] = {**params, LIMIT: wire.MOST_ROWS, **({CURSOR: cursor} if cursor else {})}
        path = PATHS[resource]

        def ask() -> Listing[R]:
            return self.http.get(path, asked, decode=decode, headers=self._as, denied_once=may_be_denied)

        try:
            listing = ask() if may_be_denied else self._allowed(resource, ask)
        except Rejected as refusal:
            if cursor and refusal.status == 400:
                raise StaleCursor(f"{self.label} no longer takes the place in the list where we stopped.") from None
            raise
        # Where a page is empty there is nothing after it, whatever its cursor promises.
        return listing if listing.typed or listing.loose else Listing(None, listing.typed, listing.loose)

    def _allowed[T](self, resource: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except AccessDenied as refusal:
            problem = self.lacks(refusal, SCOPES[resource], f"read {wire.NAMES[resource]}")
        raise problem from None

    def lacks(self, refusal: AccessDenied, scope: str, what: str) -> VendorError:
        """What a refusal stands for, where a good key would need `scope` to do `what`.

        A key that is refused, one that lacks a scope and one that may not act for a workspace get the same answer. Our own
        workspace, which every good key may read, tells them apart."""
        try:
            self.acting_for("").check()
            if self._as:
                self._refused_there()
        except VendorError as error:
            return error
        said = f"The key may not {what} ({refusal.said}): it may lack the scope {scope}."
        wider = "all:read" if scope.endswith(":read") else "all:all"
        return ScopeLacks(f"{said} A key that has it, or {wider}, is made in {self.label} and put in here.", scope)

    def _refused_there(self) -> None:
        try:
            self.check()
        except AccessDenied as refusal:
            raise ScopeLacks(
                f"{self.label} does not let the key act for this workspace ({refusal.said}): has it left the group?"
            ) from None


def read[R: Record](
    listing: Listing[Any], read: Callable[[dict[str, Any]], R], what: str
) -> tuple[list[R], Listing[Any], list[str]]:
    records, aside = readable(listing.loose, read, what)
    return records, listing, aside


def page[R: Record](records: Iterable[R], listing: Listing[Any], aside: list[str], notes: Iterable[str] = ()) -> Page[R]:
    # A row can come twice in one page; the last one is the newest.
    unique = {getattr(record, "external_id"): record for record in records}  # noqa: B009
    return Page(tuple(unique.values()), listing.cursor, tuple(aside), tuple(notes))


def _object(body: bytes) -> dict[str, Any]:
    content = loads(body, LABEL)
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{LABEL} sent something else than a workspace.", "workspace")
    return content
