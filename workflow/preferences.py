"""By which channels a notice reaches somebody, and when: what they chose, else the office's way.

Asks the database nothing: it is decided in the step's own transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from agents.directory import CadreInfo
from workflow.calendar import ZONE
from workflow.channels import BY_HAND, CHANNELS, INBOX, TO_PETITIONERS, Outward
from workflow.codes import NoticeKind


def outward() -> dict[str, Any]:
    """The configured channels that leave the system, by name."""
    return {name: channel for name, channel in CHANNELS.items() if name != INBOX}


def offered(addresses: Collection[str]) -> dict[str, Outward]:
    """Those that reach somebody of whom these addresses are known."""
    return {
        name: channel
        for name, channel in outward().items()
        if not channel.needs or channel.needs in addresses
    }


def wanted(chosen: Mapping[str, Collection[str]] | None, kind: str, name: str) -> bool:
    """Does the channel bring this kind to who chose so?"""
    if chosen is None or kind not in chosen:
        return kind in CHANNELS[name].kinds  # type: ignore[attr-defined]
    return name in chosen[kind]


def channels_for(cadre: CadreInfo, kind: str) -> list[str]:
    """Names of the outward channels that bring this kind to the cadre."""
    chosen = cadre.notice_channels
    return [name for name in offered(cadre.addresses) if wanted(chosen, kind, name)]


def petitioners_channel() -> str:
    """The name of the channel that brings messages to petitioners; by hand, without one."""
    return next((name for name in TO_PETITIONERS if name in CHANNELS), BY_HAND)


def next_morning(now: datetime) -> datetime:
    """When the next digest goes out; on a day without work it is put off (`workflow.digests`)."""
    today = now.astimezone(ZONE)
    morning = datetime.combine(today, settings.DIGEST_AT, ZONE)
    return morning if now < morning else morning + timedelta(days=1)


def not_before(kind: str, now: datetime) -> datetime:
    """The first moment at which an outward message of this kind may go."""
    if kind == NoticeKind.REMINDER:
        return next_morning(now)
    return now if kind == NoticeKind.URGENT else after_quiet_hours(now)


def after_quiet_hours(now: datetime) -> datetime:
    """The end of the quiet hours in which `now` lies; else `now`."""
    if settings.QUIET_HOURS is None:
        return now
    begin, end = settings.QUIET_HOURS
    local = now.astimezone(ZONE)
    over_midnight, clock = begin > end, local.time()
    quiet = clock >= begin or clock < end if over_midnight else begin <= clock < end
    if not quiet:
        return now
    day = local.date() + timedelta(days=over_midnight and clock >= begin)
    return datetime.combine(day, end, ZONE)
