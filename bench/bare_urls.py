from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


class Bare(models.Model):
    body = models.TextField()

    objects: ClassVar = models.Manager["Bare"]()

    class Meta:
        app_label = "bare"
        db_table = "bench_bare"
        managed: ClassVar = False

    def __str__(self) -> str:
        return self.body


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    Bare.objects.create(body=request.body.decode())
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path("bare/", insert)]
