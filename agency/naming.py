"""Names that people give: each must be something that others can see and tell from another."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError

#: Letters by their category, and nothing on the screen: fillers of Hangul, the blank of Braille.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
#: They turn the direction of what stands around them: a name would read as another.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(name: str) -> None:
    """Raises ValidationError for a name of nothing but spaces, controls, invisible signs and marks without a letter, for one that
    turns the direction of what is written around it, and for one that moves a terminal or a spreadsheet's cell."""
    if not is_seen(name):
        message = "Nothing of this can be seen: it is made of invisible characters. Write letters or digits."
        raise ValidationError(message, "invisible")
    if _TURNING & set(name):
        message = "It holds an invisible character that turns the direction of writing. Type it anew, without pasting."
        raise ValidationError(message, "turning")
    if any(unicodedata.category(sign) == "Cc" for sign in name):
        message = "It holds a control character, which no keyboard types. Type it anew, without pasting."
        raise ValidationError(message, "control")


def is_seen(text: str) -> bool:
    """Whether a sign of it can be seen, by its Unicode category: a letter, number, punctuation or symbol."""
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK for sign in text)
