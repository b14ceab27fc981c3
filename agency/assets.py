"""Static files of pinned packages that are not Django apps, found where pip put them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

#: static path → (package, file inside it)
FILES = {"plotly/plotly.min.js": ("plotly", "package_data/plotly.min.js")}


class _PackageStorage(FileSystemStorage):
    prefix = None

    def path(self, name: str) -> str:
        return str(location(name))


def location(name: str) -> Path | None:
    if name not in FILES:
        return None
    package, inside = FILES[name]
    spec = importlib.util.find_spec(package)
    return Path(str(spec.origin)).parent / inside if spec else None


class PackageFinder(BaseFinder):
    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        found = location(path)
        if found is None or not found.exists():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, _PackageStorage]]:
        storage = _PackageStorage(location="/")
        for name in FILES:
            if not matches_patterns(name, list(ignore_patterns or [])):
                yield name, storage
