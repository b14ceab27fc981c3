"""A page as eight people ask for it at once."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from bench.rounds import Measured

CONNECTIONS = 8


class Load:
    """One path asked over and over by 8 connections that stay open; bodies are posted one after the other, as one page."""

    def __init__(self, address: str, path: str, headers: Mapping[str, str], bodies: Sequence[bytes] = ()) -> None:
        self.address, self.path, self.headers = urlsplit(address).netloc, path, dict(headers)
        self.asked: list[tuple[str, bytes | None]] = [("POST", body) for body in bodies] or [("GET", None)]

    def send(self, requests: int) -> Measured:
        """Of so many pages. `rate`: pages a second; `slow`: what 95 of 100 took at most, in seconds."""
        self.left, self.lock, self.times = requests, threading.Lock(), list[float]()
        threads = [threading.Thread(target=self._one) for _ in range(min(CONNECTIONS, requests))]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        assert len(self.times) == requests, f"{self.path}: {requests - len(self.times)} requests failed"
        return {"seconds": seconds, "rate": requests / seconds, "slow": sorted(self.times)[int(0.95 * (requests - 1))]}

    def _one(self) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=120)
        while self._take():
            begun = time.perf_counter()
            for method, body in self.asked:
                connection.request(method, self.path, body, self.headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    return
            self.times.append(time.perf_counter() - begun)
        connection.close()

    def _take(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0
