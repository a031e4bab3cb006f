"""What leaves the system: the outbox, the in-app inbox, and the pulse of the workers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Delivery(models.Model):
    """One notice to one recipient by one channel: an outbox row, written with its event.

    Claimed with a lease (`attempts`, `send_after`), handed over, marked (`sent_at`). The row's id
    is the channel's idempotency key.
    """

    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, default="inbox")
    notice = models.CharField(max_length=40)
    send_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["event", "recipient", "channel", "notice"], name="delivery_once"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["send_after"], name="delivery_due", condition=Q(sent_at__isnull=True)
            ),
        ]


class InboxMessage(models.Model):
    """A notice as its recipient sees it in the product; holds no case contents."""

    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="message")
    recipient = models.ForeignKey("agents.Cadre", models.CASCADE, related_name="inbox")
    #: None: it is about no single case.
    case = models.ForeignKey("petitions.Petition", models.CASCADE, null=True, related_name="+")
    notice = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("inbox message")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recipient", "-id"], name="inbox_newest"),
            models.Index(
                fields=["recipient"], name="inbox_unread", condition=Q(read_at__isnull=True)
            ),
        ]


class Heartbeat(models.Model):
    """When a background process was last alive: "beat", "worker", and "worker:NODE" of each."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("heartbeat")
