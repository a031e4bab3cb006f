"""A worker process that stops where it is told and waits to be killed: see `test_kill.py`.

python -m tests.workflow.dying_worker WHERE MOMENT [CHANNEL]

WHERE: claimed, handed_over, gathered, sweeping, counting, counted
"""

import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import django

django.setup()

from workflow import delivery, recalculation, sweep  # noqa: E402 - Django must be set up first
from workflow.channels import CHANNELS, Channel  # noqa: E402
from workflow.channels.files import FileChannel  # noqa: E402
from workflow.models import Delivery, RuleChange  # noqa: E402
from workflow.recalculation import Pace  # noqa: E402

gather, run_batch, save = delivery.gather, recalculation.run_batch, RuleChange.save


def wait_to_be_killed(*_args: Any) -> None:
    """Say that the moment has come; nobody lives longer than a minute."""
    sys.stdout.write("now\n")
    sys.stdout.flush()
    time.sleep(60)
    sys.exit("was not killed")


def gather_and_die(*args: Any) -> None:
    """The digests are tied together, and none is sent."""
    gather(*args)
    wait_to_be_killed()


def count_and_die(*args: Any) -> None:
    """One batch is committed, and no other is begun."""
    run_batch(*args)
    wait_to_be_killed()


def count_and_die_before_commit(change: RuleChange, **how: Any) -> None:
    """How far it is, is the last that a batch writes; a claim names its columns."""
    if "update_fields" not in how:
        wait_to_be_killed()
    save(change, **how)


class DyingChannel:
    """Hands over as the true one, or does not, and never comes back."""

    def __init__(self, true: Channel, hands_over: bool) -> None:
        self.true, self.hands_over = true, hands_over
        self.label, self.at_once = true.label, true.at_once

    def send(self, rows: Sequence[Delivery], now: datetime) -> None:
        if self.hands_over:
            self.true.send(rows, now)
        wait_to_be_killed()


def main(where: str, now: datetime, channel: str = "inbox") -> None:
    if channel == "file":
        CHANNELS["file"] = FileChannel("File")
    if where == "sweeping":
        delivery.enqueue = wait_to_be_killed
        sweep.sweep(now)
    elif where == "counting":
        RuleChange.save = count_and_die_before_commit
        recalculation.go_on(now, pace=Pace(2, 0))
    elif where == "counted":
        recalculation.run_batch = count_and_die
        recalculation.go_on(now, pace=Pace(2, 0))
    elif where == "gathered":
        delivery.gather = gather_and_die
        delivery.deliver(now)
    else:
        CHANNELS[channel] = DyingChannel(CHANNELS[channel], where == "handed_over")
        delivery.deliver(now)


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]), *sys.argv[3:])
