"""What people paste as an API key, and what they mean."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

SHORTEST, LONGEST = 8, 400
_AROUND = " \t\r\n\f\v\"'`´“”‘’„‚«»‹›<>,;"
_INVISIBLE = re.compile("[\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff\x00]")
_HEADER = re.compile(r"^(?:x-api-key|authorization|api[ _-]?key)\s*[:=]\s*|^bearer\s+", re.IGNORECASE)


@sensitive_variables()
def clean_key(text: str) -> str:
    """The key without what was copied along with it: spaces, line breaks, quotes, a header's name.

    Raises ValidationError, whose text never holds the key."""
    key = _INVISIBLE.sub("", text).strip(_AROUND)
    while (bare := _HEADER.sub("", key).strip(_AROUND)) != key:
        key = bare
    if not key:
        raise ValidationError("Paste the key.", code="required")
    if len(key) > LONGEST:
        raise ValidationError(f"That is too long for a key ({len(key)} characters): copy the key alone.", code="long")
    if not all("!" <= character <= "~" for character in key):
        raise ValidationError("That is not a key: it holds a space or a letter that no key has. Copy it again.", code="letters")
    if len(key) < SHORTEST:
        raise ValidationError("That is too short for a key: part of it is missing.", code="short")
    return key
