"""Workers killed between the vendor's acceptance and our own row: by the vendor's truth each mail left once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

from clients.models import Mail, MailState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sending.mailing import account_of, asked, posts, times_left, turn
from tests.clients.sync.killing import environment
from tests.waiting import wait_until

KILLS = int(os.environ.get("MAIL_KILLS", "5"))

#: Starts a worker for each line it reads, and says which: to start Python for each takes longer than all of the test.
NURSERY = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "agency.settings"
import django
django.setup()
from clients import tasks
from clients.models import Mail
for _ in sys.stdin:
    worker = os.fork()
    if worker == 0:
        for pk in Mail.objects.due().values_list("pk", flat=True):
            tasks.send_mail(pk)
        os._exit(0)
    print(worker, flush=True)
    print(os.waitpid(worker, 0)[1], flush=True)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_each_mail_leaves_once_however_often_its_worker_is_killed(box: Sandbox, cast: Cast) -> None:
    """The answer comes late, so that each kill finds a mail that the vendor has taken and that we don't know of."""
    account_of(cast, box)
    turn(box, cap=10_000)
    mails = asked(cast.acme, *(f"person{number}@there.example" for number in range(KILLS + 1)))
    rng, between = random.Random(3), 0
    with nursery(box) as begin:
        for _ in range(KILLS):
            box.faults.clear()
            stalled = box.faults.add("stall", method="POST", seconds=60, after=rng.randint(0, 1))
            worker, ended = begin()
            wait_until(lambda: stalled.struck, 60, what="a call")  # noqa: B023
            os.kill(worker, signal.SIGKILL)
            assert ended() == signal.SIGKILL
            between += Mail.objects.filter(state=MailState.SENDING).count()
            Mail.objects.update(claimed_until=None)
        box.faults.clear()
        assert begin()[1]() == 0

    assert between == KILLS
    assert posts(box) > len(mails)
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.ACCEPTED}
    assert times_left(box) == {mail.to: 1 for mail in mails}


@contextmanager
def nursery(box: Sandbox) -> Iterator[Callable[[], tuple[int, Callable[[], int]]]]:
    """What begins a worker: its process, and what waits for its end and tells how it ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", NURSERY], cwd=settings.BASE_DIR, env=environment(box), text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    orders, told = process.stdin, process.stdout

    def begin() -> tuple[int, Callable[[], int]]:
        orders.write("go\n")
        orders.flush()
        return int(told.readline()), lambda: int(told.readline())

    with process:
        yield begin
        orders.close()
