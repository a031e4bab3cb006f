"""A worker process that stops where it is told and waits to be killed: see `test_kill.py`.

python -m tests.workflow.dying_worker claimed|handed_over|sweeping
"""

import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import django

django.setup()

from workflow import delivery, sweep  # noqa: E402 - Django must be set up first
from workflow.channels import CHANNELS  # noqa: E402
from workflow.models import Delivery  # noqa: E402

INBOX = CHANNELS["inbox"]


def wait_to_be_killed(*_args: Any) -> None:
    """Say that the moment has come; nobody lives longer than a minute."""
    sys.stdout.write("now\n")
    sys.stdout.flush()
    time.sleep(60)
    sys.exit("was not killed")


class DyingChannel:
    """Hands over to the inbox, or does not, and never comes back."""

    at_once = 500

    def __init__(self, hands_over: bool) -> None:
        self.hands_over = hands_over

    def send(self, rows: Sequence[Delivery], now: datetime) -> None:
        if self.hands_over:
            INBOX.send(rows, now)
        wait_to_be_killed()


def main(where: str, now: datetime) -> None:
    if where == "sweeping":
        delivery.enqueue = wait_to_be_killed
        sweep.sweep(now)
    else:
        CHANNELS["inbox"] = DyingChannel(where == "handed_over")  # type: ignore[assignment]
        delivery.deliver(now)


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
