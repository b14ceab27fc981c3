from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For what shows no page of ours and asks all the same: feeds of text, downloads, the admin site."""
    return redirect(static("img/favicon.svg"))


handler400 = "agency.views.refused.bad_request"
handler500 = "agency.views.refused.broken"

urlpatterns = [
    path("healthz/", healthz, name="healthz"),
    path("favicon.ico", favicon, name="favicon"),
    # First of the long lists: it begins with the door of the vendors, who come a thousand times as often as people.
    path("", include("clients.urls")),
    path("admin/", admin.site.urls),
    path("", include("agency.account_urls")),
    path("", include("reports.urls")),
]
