"""Chapter 4: what a first page weighs on its way to a browser, and where plotly's script comes along."""

from __future__ import annotations

import gzip
import re
import urllib.request
from urllib.parse import urljoin

from bench.figures import Report
from bench.filled import SMALL, Filled
from bench.options import Options
from bench.processes import web
from bench.rounds import say

PAGES = {"Overview": "/", "Clients": "/clients/", "Senders": "/senders/", "Placement tab": "/clients/client-000/"}
PLOTLY = "plotly"
TOP_KB = 60


def measure(options: Options, home: Filled) -> Report:
    say("wire")
    report = Report(f"Over the wire, {home.place.lane}")
    with web(home.place.environment, workers=1) as (address, _):
        for name, path in PAGES.items():
            _page(report, name, urljoin(address, path), home.cookie(SMALL))
        for name, path in PAGES.items():
            sent = _get(urljoin(address, path), home.cookie(), packed=True)[0]
            report.note(f"{name} with {options.clients} clients: HTML alone, as sent", f"{len(sent) / 1024:.1f} kB")
        _script(report, urljoin(address, PAGES["Placement tab"]), home.cookie(SMALL))
    return report


def _page(report: Report, name: str, url: str, headers: dict[str, str]) -> None:
    html, _ = _get(url, headers)
    parts = {link: _get(link, {})[0] for link in _links(html.decode(), url) if PLOTLY not in link}
    as_sent = len(_get(url, headers, packed=True)[0]) / 1024
    whole = as_sent + sum(len(_get(link, {}, packed=True)[0]) / 1024 for link in parts)
    report.add(f"{name}, first visit as sent, without plotly's script", whole, "at most", TOP_KB, "kB")
    plotly = any(PLOTLY in link for link in _links(html.decode(), url))
    report.add(f"{name}: scripts of plotly", plotly, "equal to", name == "Placement tab")
    report.note(
        name, f"{len(parts)} files; HTML {_packed(html):.1f} kB gzipped, {as_sent:.1f} kB as sent by gunicorn without a proxy"
    )


def _script(report: Report, url: str, headers: dict[str, str]) -> None:
    (script,) = [link for link in _links(_get(url, headers)[0].decode(), url) if PLOTLY in link]
    body, answer = _get(script, {}, packed=True)
    rule = answer["cache-control"]
    report.add("plotly's script: cached for ever by its hash", "immutable" in rule, "equal to", True)
    report.note("plotly's script", f"{len(body) / 1024:,.0f} kB over the wire, Cache-Control: {rule}")


def _links(html: str, url: str) -> list[str]:
    """Scripts, styles and icons of the page."""
    found = re.findall(r'<(?:script|link)[^>]+?(?:src|href)="([^"]+)"', html)
    return list(dict.fromkeys(urljoin(url, link) for link in found if "/static/" in link))


def _get(url: str, headers: dict[str, str], *, packed: bool = False) -> tuple[bytes, dict[str, str]]:
    """The body as sent, gzipped where that was offered (`packed`) and taken."""
    asked = urllib.request.Request(url, headers={**headers, **({"Accept-Encoding": "gzip"} if packed else {})})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310  (our own server)
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def _packed(body: bytes) -> float:
    return len(gzip.compress(body, 6)) / 1024
