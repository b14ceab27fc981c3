"""Pages read as a browser would get them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client as Browser

from agency.models import User


def as_user(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def subjects(page: str) -> list[str]:
    """Of a list of broadcasts."""
    return re.findall(r'class="wrap subject"><a[^>]*>([^<]*)</a>', page)


def link(page: str, rel: str) -> str:
    (found,) = re.findall(rf'rel="{rel}" href="([^"]*)"', page)
    return str(found).replace("&amp;", "&")
