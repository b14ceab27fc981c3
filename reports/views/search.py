from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.pages import is_for_part, page
from reports import search

#: Of each kind: as one types, and on the page.
FEW, MANY = 4, 20


@require_safe
@member_view()
def show(request: AgencyRequest) -> HttpResponse:
    """Everything that has a name, by a part of it. Asked by htmx: what drops down below the field in the header."""
    most = FEW if is_for_part(request) else MANY
    answer = search.answer(request.member, search.read(request.GET.get("q", "")), most)
    context = {"answer": answer, "connects": search.may_open(request.member, "connections")}
    return page(request, "reports/search.html", context, part="found")
