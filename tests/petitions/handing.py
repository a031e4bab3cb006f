"""Hand-overs of a caseload as a head carries them out on the pages."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from petitions.models import Handover
from tests.cast import Cast


def begin_handover(
    client: Client,
    cast: Cast,
    to: str = "stand_in",
    *,
    by: str = "head",
    whose: str = "handler",
    **other: Any,
) -> Any:
    """Begin one as the head of the community, of the handler's caseload to `to`."""
    client.force_login(cast.people[by])
    sent = {
        "whose": cast.people[whose].pk, "to": cast.people[to].pk if to else "",
        "reason": "TRANSFER", "starts_on": "2026-11-23", **other,
    }  # fmt: skip
    return client.post(reverse("handovers"), sent)


def do(client: Client, name: str, **sent: Any) -> Any:
    """Send one act to the only hand-over there is."""
    one = Handover.objects.get()
    return client.post(reverse(f"handover_{name}", args=[one.pk]), sent)
