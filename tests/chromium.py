"""Where this machine's Chromium is; run by `make test`, which never leaves the browser tests out without a word."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
HOW = """No Chromium was found, and the browser tests need one. Any of these helps:
  Debian, Ubuntu   sudo apt-get install chromium
  elsewhere        .venv/bin/python -m playwright install chromium
  have one         CHROMIUM=/path/to/chromium make test
  do without       make test BROWSER=0"""


def find() -> str | None:
    """$CHROMIUM, one on the PATH, or the one that Playwright fetched."""
    if given := os.environ.get("CHROMIUM"):
        return given if Path(given).exists() else None
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or next(iter(_fetched()), None)


def main() -> int:
    if sys.argv[1:] and sys.argv[1] in ("0", "no", "false"):
        print("BROWSER=0: the browser tests are left out.")
        return 0
    if find():
        return 0
    print(HOW, file=sys.stderr)
    return 1


def _fetched() -> list[str]:
    folders = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), "~/.cache/ms-playwright", "~/Library/Caches/ms-playwright"]
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    found = [path for folder in folders if folder for pattern in patterns for path in Path(folder).expanduser().glob(pattern)]
    return [str(path) for path in sorted(found, reverse=True)]


if __name__ == "__main__":
    sys.exit(main())
