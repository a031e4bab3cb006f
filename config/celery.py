"""The Celery app and every schedule of the product: nothing is scheduled anywhere else.

The database is the truth, the broker only a doorbell: what is due stands in rows, each task
looks for what is due now and may safely run twice, and a lost message costs one tick.
"""

import os
from typing import Any

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

#: Seconds a request may lose to a broker that does not answer.
PUBLISH_LIMIT = 1
#: A tick nobody took within this many seconds is dropped: the next one does its work.
TICK_EXPIRES = 10

app = Celery("xinfang")


def broker_settings() -> dict[str, Any]:
    """Redis when `REDIS_URL` is set, else a broker made of files under `DATA_DIR/broker`."""
    # One attempt and no waiting: a dead broker must not hold up a step that is committed.
    once = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    if settings.REDIS_URL:
        return {
            "broker_url": settings.REDIS_URL,
            "broker_transport": "config.broker.Transport",
            "broker_transport_options": once
            | {
                "global_keyprefix": f"{settings.REDIS_PREFIX}:",
                "socket_connect_timeout": PUBLISH_LIMIT,
                "socket_timeout": PUBLISH_LIMIT,
                "visibility_timeout": 600,
            },
        }
    folder = settings.DATA_DIR / "broker"
    for name in ("queue", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://localhost",  # kombu warns when no host is named
        "broker_transport": "config.broker.FilesTransport",
        "broker_transport_options": once
        | {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            # It takes one message a look: with a look each second the ticks alone would queue up.
            "polling_interval": 0.2,
        },
    }


app.conf.update(
    broker_settings(),
    timezone=settings.TIME_ZONE,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_publish_retry=False,
    broker_connection_timeout=PUBLISH_LIMIT,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # the worker waits for its broker as long as it takes
    worker_hijack_root_logger=False,
    task_soft_time_limit=240,
    task_time_limit=300,
    beat_schedule={
        name: {"task": task, "schedule": seconds, "options": {"expires": TICK_EXPIRES}}
        for name, task, seconds in [
            ("heartbeat", "workflow.tasks.beat_tick", 1.0),
            ("send what is due", "workflow.tasks.deliver", 1.0),
            ("warn of and expire clocks", "workflow.tasks.sweep_clocks", 1.0),
            ("count clocks anew", "workflow.tasks.recalculate", 1.0),
            ("go on importing", "petitions.tasks.carry_on_imports", 1.0),
            ("go on with group acts", "petitions.tasks.carry_on_group_acts", 5.0),
            ("look for daily reports", "workflow.tasks.look_for_daily_reports", 60.0),
            ("forget old drafts", "petitions.tasks.forget_old_drafts", 3600.0),
            ("clean up files", "petitions.tasks.clean_files", 3600.0),
            ("forget programs' keys", "petitions.tasks.forget_sendings", 600.0),
        ]
    },
)
app.autodiscover_tasks()


def load_transport() -> None:
    """Import the broker's library now: it takes seconds, and the first step must not wait for it.

    Connects to nothing.
    """
    app.connection_for_write().get_transport_cls()
