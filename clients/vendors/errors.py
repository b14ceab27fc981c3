"""What can go wrong between us and a vendor, as a small tree. Each text is one that a person can act on.

All of them survive pickling, and none ever holds a key: they are shown on pages and kept in runs.
"""

from __future__ import annotations

from collections.abc import Mapping


class VendorError(Exception):
    """The text is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text


class AccessDenied(VendorError):
    """The key is refused: a person must act, asking again does not help. `said`: the vendor's own words; `code`: its name
    for this refusal, where it has names."""

    def __init__(self, text: str, said: str = "", code: str = "") -> None:
        super().__init__(text)
        self.said = said
        self.code = code

    def __reduce__(self) -> tuple[type[AccessDenied], tuple[str, str, str]]:
        return type(self), (self.text, self.said, self.code)


class PlanLacks(VendorError):
    """The key is good, the vendor's plan does not include this. Who asked knows what 'this' is: `naming`."""

    def naming(self, what: str) -> str:
        """Its text with `what` was asked for: 'The … plan does not include campaigns (…).'"""
        return self.text.replace("does not include this", f"does not include {what}", 1)


class ScopeLacks(PlanLacks):
    """The key is good and may not do this; another key may. `scope`: what it lacks for good, as the vendor names it."""

    def __init__(self, text: str, scope: str = "") -> None:
        super().__init__(text)
        self.scope = scope

    def __reduce__(self) -> tuple[type[ScopeLacks], tuple[str, str]]:
        return type(self), (self.text, self.scope)


class Rejected(VendorError):
    """The request itself is refused (400, 404, 405, 409, 422). `status` is HTTP's; `fields`: what is wrong with which field,
    where the vendor says so, by the vendor's names."""

    def __init__(self, text: str, status: int = 400, fields: Mapping[str, str] | None = None, said: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.fields = dict(fields or {})
        self.said = said

    def __reduce__(self) -> tuple[type[Rejected], tuple[str, int, dict[str, str], str]]:
        return type(self), (self.text, self.status, self.fields, self.said)


class Busy(VendorError):
    """Not now: asked too often, by the vendor's word or by our own budget. `retry_after` in seconds, never negative."""

    def __init__(self, text: str, retry_after: float) -> None:
        super().__init__(text)
        self.retry_after = max(0.0, retry_after)

    def __reduce__(self) -> tuple[type[Busy], tuple[str, float]]:
        return type(self), (self.text, self.retry_after)


class VendorDown(VendorError):
    """No usable answer after all tries: 5xx, closed or silent sockets, cut-off bodies."""


class UnexpectedAnswer(VendorError):
    """An answer that our parser does not understand; `field` says where it stopped."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field

    def __reduce__(self) -> tuple[type[UnexpectedAnswer], tuple[str, str]]:
        return type(self), (self.text, self.field)


class StaleCursor(VendorError):
    """The vendor no longer takes the cursor we kept: the pass starts again."""
