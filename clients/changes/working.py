"""What a worker does with a change that is due."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import DatabaseError

from clients.changes import applying, ending, holding, planning
from clients.changes.holding import Hold, Stopped
from clients.leases import Lost
from clients.models import ChangeState

log = logging.getLogger(__name__)


def work(change_id: int) -> bool:
    """Plans it or goes on with it. False when another worker has it, or when it need not be done now."""
    hold = holding.take(change_id)
    if hold is None:
        return False
    try:
        if hold.change.state == ChangeState.PLANNING:
            planning.plan(hold)
        else:
            applying.run(hold)
    except (Lost, Stopped):
        pass
    except DatabaseError:
        # The lease ends, and the next worker reads what became of it.
        raise
    except Exception as error:
        log.exception("Change %s broke", hold.change.uuid)
        _broke(hold, error)
    hold.release()
    return True


def _broke(hold: Hold, error: Exception) -> None:
    """Its text may hold anything: the log has it, pages get its kind."""
    why = f"An error of our own ({type(error).__name__})."
    if hold.change.state == ChangeState.PLANNING:
        ending.unplanned(hold, why)
    else:
        ending.broken(hold, why, timedelta(minutes=1))
