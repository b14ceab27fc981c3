"""Which function answers which path. Fixed segments stand before named ones, so `shuffle` is never taken for an address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from sandbox.answers import RefusedError


class Table[Handler]:
    """Rows are (verb, path, handler); * in a path is a segment that the handler is given by its place."""

    def __init__(self, routes: Iterable[tuple[str, str, Handler]]) -> None:
        self._rows = [(method, path.split("/"), handler) for method, path, handler in routes]

    def find(self, method: str, path: str) -> tuple[Handler, tuple[str, ...]]:
        """The handler and the named segments, decoded.

        Raises RefusedError: 404 for an unknown path, 405 for a known one with another verb.
        """
        # Split before decoding: a tag may hold an encoded slash.
        segments = path.split("/")
        verbs: dict[str, tuple[Handler, tuple[str, ...]]] = {}
        shape: list[str] | None = None
        for verb, pattern, handler in self._rows:
            if shape not in (None, pattern) or not _fits(pattern, segments):
                continue
            shape = pattern
            named = tuple(unquote(part) for part, name in zip(segments, pattern, strict=True) if name == "*")
            verbs[verb] = handler, named
        if not verbs:
            raise RefusedError(404, "Not Found")
        if method not in verbs:
            raise RefusedError(405, "Method Not Allowed", headers=(("Allow", ", ".join(sorted(verbs))),))
        return verbs[method]


def _fits(pattern: list[str], segments: list[str]) -> bool:
    return len(pattern) == len(segments) and all(
        name == part or (name == "*" and part != "") for name, part in zip(pattern, segments, strict=True)
    )
