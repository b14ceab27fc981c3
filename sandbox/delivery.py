"""Faults on the way: how the bytes of an answer reach the socket, or do not."""

from __future__ import annotations

import os
import socket
import struct
import threading

from sandbox.answers import Answer
from sandbox.faults import Fault
from sandbox.wire import head

DROPPED = ("close", "reset", "lost")


def send(connection: socket.socket, answer: Answer, fault: Fault | None, keep_alive: bool, stopping: threading.Event) -> bool:
    """Whether the connection can be used again. Waits end at once when the sandbox stops."""
    kind = fault.kind if fault else None
    if fault and kind in DROPPED:
        return _dropped(connection, fault, stopping)
    if fault and kind == "drip":
        _drip(connection, answer, fault, stopping)
        return False
    if fault and kind == "cut":
        short = Answer(answer.status, answer.body[: int(len(answer.body) * fault["share"])], answer.headers)
        keep_alive = keep_alive and fault["honest"]
        told = len(short.body) if fault["honest"] else len(answer.body)
        connection.sendall(head(short, keep_alive, told) + short.body)
        return keep_alive
    if fault and kind == "stall":
        stopping.wait(fault["seconds"])
    connection.sendall(head(answer, keep_alive) + answer.body)
    return keep_alive


def _dropped(connection: socket.socket, fault: Fault, stopping: threading.Event) -> bool:
    if fault.kind == "lost":
        stopping.wait(fault["seconds"])
    if fault.kind == "reset" or fault.args.get("reset"):
        # Without lingering, closing sends RST. close() alone waits for the files made of the socket.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
    return False


def _drip(connection: socket.socket, answer: Answer, fault: Fault, stopping: threading.Event) -> None:
    start, slow = head(answer, keep_alive=False), answer.body
    if fault["part"] == "head":
        start, slow = b"", start + slow
    connection.sendall(start)
    for byte in slow:
        if stopping.wait(fault["seconds"]):
            return
        connection.sendall(bytes((byte,)))
