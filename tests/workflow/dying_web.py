"""A web process that stops in the middle of a request and waits to be killed: see `test_kill.py`.

python -m tests.workflow.dying_web written|committed NUMBER
"""

import sys
from typing import Any

import django

django.setup()

from django.test import Client  # noqa: E402 - Django must be set up first

from agents.models import Cadre  # noqa: E402
from tests.workflow.dying_worker import wait_to_be_killed  # noqa: E402
from workflow import delivery  # noqa: E402

enqueue = delivery.enqueue


def enqueue_and_die(*args: Any) -> None:
    """The rows are written, and nothing is committed."""
    enqueue(*args)
    wait_to_be_killed()


def main(where: str, number: str) -> None:
    if where == "written":
        delivery.enqueue = enqueue_and_die
    else:
        delivery.wake = wait_to_be_killed
    client = Client(headers={"host": "localhost"})
    client.force_login(Cadre.objects.get(username="dispatcher"))
    client.post(f"/api/v1/cases/{number}/do/recall/", {"reason": "改派"})


if __name__ == "__main__":
    main(*sys.argv[1:])
