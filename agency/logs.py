"""One event, one line: text from outside can't start a line of its own, nor colour the terminal.

Links that are keys are masked.
"""

import logging
import re

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
#: Django writes the path of every refused request; in these the path itself is what opens the door.
_TOKEN = re.compile(r"(/(?:r|hooks|invitations|password-reset/[^/\s]+)/)[^/\s\"'&]{16,}")
LONGEST = 4000
UNPROCESSABLE = 422  # a form with its errors


class Refusals(logging.Filter):
    """For `django.request`: somebody who may not is one line without our call stack, a form sent back for correction is none.

    What is our own fault passes as it is.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = record.exc_text = None
        return getattr(record, "status_code", 0) != UNPROCESSABLE


class Sender(logging.Filter):
    """For those of `django.security` that name a request as nobody's browser sends it: that is the sender's fault, one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True


class LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Masked before it is cut: half a key is no match any more.
        text = _cut(_TOKEN.sub(r"\1…", super().format(record)))
        return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def _cut(text: str) -> str:
    """Both ends of a long one: what happened stands first, the error that ended it last."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]}… ({len(text)} characters) …{text[-LONGEST // 2 :]}"
