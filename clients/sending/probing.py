"""What a probe of a placement test says: the test's own mail, with its code in it, as it stands at the vendor."""

from __future__ import annotations

import re
from html import unescape

from django.utils.html import escape, linebreaks, strip_tags

from agency.secrets import Unreadable
from clients.calling import open_vendor
from clients.models import PlacementTest
from clients.ordering import choosing
from clients.sending import seeding
from clients.vendors.errors import VendorError

_UNSEEN = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_PARAGRAPH = re.compile(r"\s*</(?:p|div|h[1-6]|tr|ul|ol)\s*>\s*", re.IGNORECASE)
_BREAK = re.compile(r"\s*<br\s*/?>|\s*</li\s*>\s*", re.IGNORECASE)


def mail_of(test: PlacementTest) -> tuple[str, str]:
    """(Text, HTML); HTML is '' where it says no more than the text. Raises nothing: the code alone is a mail too."""
    code, body = seeding.code_of(test), _body(test)
    text = _text(body)
    plain = not body or linebreaks(escape(text)) == body
    return _with(text, code, f"\n\n{code}").strip(), "" if plain else _with(body, code, f"\n<p>{escape(code)}</p>")


def _body(test: PlacementTest) -> str:
    """It is not kept here."""
    if choosing.barred(test.connection, test.workspace):
        return ""
    try:
        with open_vendor(test.connection, foreground=True) as opened:
            return opened.acting_for(test.workspace).recipe(test.external_id).body
    except (VendorError, Unreadable):
        return ""


def _text(html: str) -> str:
    parted = _BREAK.sub("\n", _PARAGRAPH.sub("\n\n", _UNSEEN.sub("", html)))
    return unescape(strip_tags(parted)).strip()


def _with(mail: str, code: str, addition: str) -> str:
    return mail if not code or code in mail else mail + addition
