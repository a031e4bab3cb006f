"""What leaves the system: the outbox, the in-app inbox, and the pulse of the workers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflow.codes import NoticeKind
from workflow.steps import Term


class Delivery(models.Model):
    """One notice to one recipient by one channel: an outbox row, written with its event.
    Without a recipient it is for the petitioner of the event's case.

    Claimed with a lease (`attempts`, `send_after`), handed over, marked (`sent_at`), or given up
    (`dead_at`) until somebody sends it again. The row's id is the channel's idempotency key.
    `lead`: see `workflow.digests`; a row that goes with its lead has no `send_after` of its own.
    """

    #: `lead` of a row that waits to be gathered into the digest of its morning.
    UNGATHERED = 0

    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=10, default="inbox")
    notice = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=NoticeKind.choices, default=NoticeKind.OTHER)
    send_after = models.DateTimeField(null=True)
    lead = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
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
                fields=["channel", "send_after"],
                name="delivery_due",
                condition=Q(sent_at__isnull=True, dead_at__isnull=True),
            ),
            models.Index(fields=["lead"], name="delivery_lead", condition=Q(lead__gt=0)),
            models.Index(fields=["-id"], name="delivery_dead", condition=Q(dead_at__isnull=False)),
        ]


class InboxMessage(models.Model):
    """A notice as its recipient sees it in the product; holds no case contents.

    `done_at` is its reader's own tick: what the notice asked for is done.
    """

    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="message")
    recipient = models.ForeignKey("agents.Cadre", models.CASCADE, related_name="inbox")
    #: None: it is about no single case.
    case = models.ForeignKey("petitions.Petition", models.CASCADE, null=True, related_name="+")
    notice = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=NoticeKind.choices, default=NoticeKind.OTHER)
    term = models.CharField(max_length=20, choices=Term.choices, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("inbox message")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recipient", "-id"], name="inbox_newest"),
            models.Index(
                fields=["recipient", "-id"], name="inbox_unread", condition=Q(read_at__isnull=True)
            ),
            models.Index(
                fields=["recipient", "-id"], name="inbox_open", condition=Q(done_at__isnull=True)
            ),
            models.Index(fields=["recipient", "kind", "-id"], name="inbox_kind"),
            models.Index(fields=["recipient", "term", "-id"], name="inbox_term"),
        ]


class Heartbeat(models.Model):
    """When a background process was last alive: "beat", "worker", and "worker:NODE" of each."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("heartbeat")


class Turn(models.Model):
    """Work that one process at a time does: whoever moved `until` on holds it up to then."""

    name = models.CharField(max_length=30, primary_key=True)
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("turn of a process")
