"""The one door to vendors: time limits, tries, waits, pacing and the meaning of errors, once for all of them."""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from math import inf
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

import httpcore
import httpx

from clients.vendors import waiting
from clients.vendors.answers import Answer, clock, left, problem
from clients.vendors.errors import AccessDenied, Busy, UnexpectedAnswer, VendorDown
from clients.vendors.guard import Network
from clients.vendors.retries import Patience, patiently

log = logging.getLogger(__name__)

CONNECT, READ = 10.0, 30.0  # seconds
BIGGEST = 64 * 1024 * 1024  # bytes of one body, unpacked


type Headers = Mapping[str, str | None] | Mapping[str, str]


class Pace(Protocol):
    """The budget of one API key."""

    def take(self) -> float:
        """Reserves the next call and returns the seconds to wait for it; raises `Busy` where that is long."""

    def block(self, seconds: float) -> None:
        """The vendor said 'not before'."""

    def heed(self, calls: int, seconds: float) -> None:
        """The vendor said how many calls are left of its own budget, and when all of them are there again."""


class Http:
    """One vendor account over one keep-alive connection. Raises `clients.vendors.errors` only; none tells a header.
    A path with a stranger's text in it comes percent-encoded.

    With `loopback` it connects to this machine and nowhere else, without it to public addresses only. `within`: seconds, from
    now on, in which all calls together are over.
    """

    patience: ClassVar[Patience] = Patience()

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        pace: Pace | None = None,
        label: str = "The vendor",
        loopback: bool = False,
        patience: Patience | None = None,
        within: float = inf,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._pace, self._label = pace, label
        self._patience = patience or self.patience
        self._end = time.monotonic() + within
        # 'Bearer <key>' is repeated without its first word.
        secret = {part for value in headers.values() for part in (value, value.rpartition(" ")[2]) if part}
        self._hidden = tuple(part.encode() for part in sorted(secret, key=len, reverse=True))
        self._network = Network(loopback=loopback)
        self._client = httpx.Client(
            headers={"Accept": "application/json", "User-Agent": "Inboxdeck", **_sendable(headers)},
            transport=_transport(self._network),
            timeout=httpx.Timeout(READ, connect=CONNECT),
            follow_redirects=False,
            trust_env=False,
        )

    def get[T](
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        decode: Callable[[bytes], T],
        headers: Headers | None = None,
        denied_once: bool = False,
    ) -> T:
        """What `decode` makes of the body. It raises `VendorDown` or `UnexpectedAnswer` for a body worth asking for again.
        `headers` beside the account's own; one that is None is not sent: what is public is asked for without the key.
        `denied_once`: a refusal is an answer as good as any, and not asked for again."""
        url = f"{path}?{urlencode(params, doseq=True)}" if params else path
        patience = replace(self._patience, denials=0) if denied_once else self._patience
        return patiently(lambda seconds: decode(self._ask("GET", url, None, seconds, headers)), patience)

    def look[T](self, path: str, json: Any, *, decode: Callable[[bytes], T], headers: Headers | None = None) -> T:
        """A read that the vendor takes as a POST: it changes nothing, so it is asked again as `get` is."""
        return patiently(lambda seconds: decode(self._ask("POST", path, json, seconds, headers)), self._patience)

    def send(self, method: str, path: str, json: Any = None, *, headers: Mapping[str, str] | None = None) -> bytes:
        """Sent once: whether it was carried out is for the caller to find out when this raises `VendorDown`. Without `json`
        there is neither a body nor its type."""
        return self._ask(method, path, json, READ, headers)

    def exchange(
        self, method: str, path: str, json: Any, headers: Mapping[str, str], *, means: Callable[[Answer], bool]
    ) -> Answer:
        """The same for an answer whose status or headers say something too. `means`: one that is no 2xx and still an answer."""
        return self._asked(method, path, json, READ, headers, means)

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, url: str, json: Any, seconds: float, headers: Headers | None = None) -> bytes:
        return self._asked(method, url, json, seconds, headers).body

    def _asked(
        self,
        method: str,
        url: str,
        json: Any,
        seconds: float,
        headers: Headers | None,
        means: Callable[[Answer], bool] | None = None,
    ) -> Answer:
        if self._pace:
            waiting.pause(self._pace.take())
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise VendorDown(f"{self._label} did not answer in time ({clock()}).")
        answer = self._answer(method, url, json, min(seconds, remaining), headers)
        if self._pace and answer.status != 429 and (told := left(answer.headers)):
            # A 429 says itself how long to wait.
            self._pace.heed(*told)
        if 200 <= answer.status < 300 or (means and means(answer)):
            return answer
        log.info("%s answers %s to %s %s", self._label, answer.status, method, url.partition("?")[0])
        error = problem(answer, self._label)
        if self._pace and isinstance(error, Busy):
            self._pace.block(error.retry_after)
        raise error

    def _answer(self, method: str, url: str, json: Any, seconds: float, headers: Headers | None) -> Answer:
        try:
            return self._exchange(method, url, json, seconds, headers)
        except httpx.TimeoutException:
            what = "did not answer in time"
        except httpx.ConnectError:
            what = "can't be reached"
        except httpx.HTTPError:
            what = "broke off its answer"
        # Raised out here: httpx' exceptions hold the request and with it the key, and would be this one's context.
        raise VendorDown(f"{self._label} {what} ({clock()}).")

    def _exchange(self, method: str, url: str, json: Any, seconds: float, headers: Headers | None) -> Answer:
        self._network.end_in(seconds)
        given = headers or {}
        added = {name: value for name, value in given.items() if value is not None}
        request = self._client.build_request(method, self.base_url + url, json=json, headers=added)
        for name in given.keys() - added.keys():
            request.headers.pop(name, None)
        response = self._client.send(request, stream=True)
        try:
            body = self._body(response)
            return Answer(response.status_code, response.headers, body if response.is_success else self._hide(body))
        finally:
            response.close()

    def _body(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > BIGGEST:
                raise UnexpectedAnswer(f"{self._label} sent more than {BIGGEST >> 20} MB in one answer.", "body")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _hide(self, body: bytes) -> bytes:
        # A vendor may repeat the key in its refusal.
        for value in self._hidden:
            body = body.replace(value, b"[hidden]")
        return body


def _sendable(headers: Mapping[str, str]) -> Mapping[str, str]:
    # httpx would name such a value in its exception.
    if any(not re.fullmatch(r"[!-~]([ -~]*[!-~])?", value) for value in headers.values()):
        raise AccessDenied("This API key has spaces or characters in it that no key has. Put it in again.")
    return headers


def _transport(network: Network) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(verify=_tls())
    # httpx passes no network backend on to httpcore. A test over a real socket finds out if this name goes.
    transport._pool = httpcore.ConnectionPool(ssl_context=_tls(), max_connections=8, keepalive_expiry=30, network_backend=network)
    return transport


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Made once: loading the authorities takes longer than a call."""
    return httpx.create_ssl_context()
