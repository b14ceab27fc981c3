from __future__ import annotations

from django.db import models
from django.utils import timezone


class Benchmark(models.Model):
    """What a vendor says of all its customers together: the same for every agency, so it is kept once."""

    vendor = models.CharField(max_length=20, unique=True)
    shares = models.JSONField(default=dict)  # 'delivered', 'replied', … → 0 to 1
    read_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.vendor} {self.read_at:%F %T}"
