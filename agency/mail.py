"""Mail to people. It leaves from a thread: a page must not take longer because the address is known to us."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string

log = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")
_pending: set[Future[None]] = set()


def compose(template: str, to: str, context: dict[str, object]) -> EmailMessage:
    """The template's first line is the subject; the rest, after an empty line, is the text."""
    subject, _, text = render_to_string(template, context).strip().partition("\n")
    return EmailMessage(subject.strip(), text.strip() + "\n", None, [to])


def send(message: EmailMessage) -> None:
    future = _pool.submit(_deliver, message)
    _pending.add(future)
    future.add_done_callback(_pending.discard)


def wait_until_sent(seconds: float = 10) -> None:
    wait(list(_pending), timeout=seconds)


def configured() -> bool:
    """Whether mail leaves this installation; without EMAIL_URL it is only printed where the server runs."""
    return "console" not in settings.MAILERS["default"]["BACKEND"]


def link(request: HttpRequest, path: str) -> str:
    """The whole address: PUBLIC_URL where given, else what the browser used (one of ALLOWED_HOSTS)."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


def _deliver(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # noqa: BLE001  (whatever the mail server does, it is written down and nothing else fails)
        # Neither text nor traceback: both hold the link.
        log.error("A mail was not sent: %s", type(error).__name__)  # noqa: TRY400
