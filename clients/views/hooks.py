"""Where vendors deliver: the only address that takes a POST without a sign-in and a CSRF token, since each is signed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clients.webhooks import knowing, taking


@csrf_exempt
@require_POST
def hook(request: HttpRequest, token: str) -> HttpResponse:
    """200 when the event is stored; a database that is away is a 5xx, so that the vendor tries again."""
    door = knowing.find(token)
    if door is None:
        return _said(404, "Nothing here.")
    body = _body(request)
    if isinstance(body, HttpResponse):
        return body
    try:
        taking.take(door, request.headers, body)
    except knowing.Closed:
        return _said(404, "Nothing here.")
    except taking.Forged:
        return _said(401, "Not signed as agreed.")
    except taking.Malformed as problem:
        return _said(400, str(problem))
    return _said(200, "ok")


def _body(request: HttpRequest) -> bytes | HttpResponse:
    """As it came: it is what is signed. Nothing is unpacked."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return _said(415, "Send it unpacked.")
    if "content-length" not in request.headers and "transfer-encoding" in request.headers:
        return _in_chunks(request)
    length = str(request.headers.get("content-length") or "0")
    if not length.isdigit() or len(length) > 9 or int(length) > taking.BIGGEST:
        return _said(413, "Too large.")
    try:
        return request.body
    except (RawPostDataException, UnreadablePostError):
        return _said(400, "Not readable.")


def _in_chunks(request: HttpRequest) -> bytes | HttpResponse:
    """Without a length Django reads nothing. The server puts the chunks together, and says where they end."""
    if not request.META.get("wsgi.input_terminated"):
        return _said(411, "Say how long it is.")
    try:
        body: bytes = request.META["wsgi.input"].read(taking.BIGGEST + 1)
    except Exception:  # noqa: BLE001  (each server has errors of its own for chunks that are none)
        return _said(400, "Not readable.")
    return body if len(body) <= taking.BIGGEST else _said(413, "Too large.")


def _said(status: int, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
