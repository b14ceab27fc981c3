"""What a browser notices and a person does not see: errors, violations of the policy, requests to elsewhere, dialogs."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, Response, WebError

_LISTEN = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
#: What Chromium writes when a page answers 4xx, which some are meant to; `_answered` sees the others.
_STATUS = "Failed to load resource"


class Watch:
    """`trouble` must stay empty; `requests` are all addresses asked for."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.trouble: list[str] = []
        self.requests: list[str] = []
        context.add_init_script(_LISTEN)
        context.on("console", self._said)
        context.on("weberror", self._failed)
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("dialog", self._opened)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_STATUS):
            self.trouble.append(f"{message.type}: {message.text}")

    def _failed(self, error: WebError) -> None:
        self.trouble.append(f"script: {error.error}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.address}/", "data:")):
            self.trouble.append(f"a request to {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.trouble.append(f"{response.status} from {response.url}")

    def _opened(self, dialog: Dialog) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()
