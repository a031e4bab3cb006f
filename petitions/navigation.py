"""What the bar above every page shows: the pages of somebody's roles, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agents.roles import ADMIN_ROLES, STAFF_ROLES, Role
from petitions.group_acts import MAKERS
from petitions.paging import Counted
from petitions.views import flow, suggestions
from petitions.views.imports import may_import
from petitions.views.viewer import Viewer
from workflow.actors import Actor
from workflow.models import InboxMessage, WatchPeriod
from workflow.terms import RuleBook
from workflow.watch import SETTERS

DECIDERS = frozenset({Role.DISPATCHER, Role.UNIT_HEAD, Role.CALLER, Role.SUPERVISOR, Role.LEADER})
"""Whoever stands in for one of them decides, too."""
REGISTRARS = frozenset({Role.CLERK, Role.LIAISON})
SUPERVISING = frozenset({Role.SUPERVISOR, Role.LEADER, Role.UNIT_HEAD})
#: Of those who see the duty roster, who has it in the bar; others come by the watch periods.
CALLERS = frozenset({Role.DISPATCHER, Role.UNIT_HEAD, Role.LEADER})
#: Who has the charges in the bar; anybody else may open the page.
IN_CHARGE = frozenset({Role.DISPATCHER, Role.UNIT_HEAD, Role.SYSTEM_ADMIN})
JOINT = frozenset({Role.HANDLER, Role.AGENT, Role.UNIT_HEAD, Role.SUPERVISOR, Role.LEADER})
#: Who has a record, and who reads others'.
RECORDED = frozenset({Role.HANDLER, Role.AGENT, Role.UNIT_HEAD, Role.LEADER})
HANDING_BACK = frozenset({Role.CLERK, Role.DISPATCHER})


MOST_DRAWN = 1024
"""Menus kept drawn: one for each set of roles, page and language that occurs."""
DRAWN: dict[tuple[Any, ...], SafeString] = {}


def may_decide(actor: Actor) -> bool:
    """Can anything lie before them, in their own right or in another's place?"""
    return any(one.has(*DECIDERS) for one in (actor, *actor.in_place))


@dataclass(frozen=True)
class Entry:
    """A page in the bar."""

    url: str
    label: Any
    icon: str
    current: bool


class Bar:
    """The bar of one request; it goes by what the page's own viewer has read already."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def signed_in(self) -> bool:
        """Whether there is a viewer. A request refused at the door (a Host header of another
        site) never came to where the account is read.
        """
        user = getattr(self.request, "user", None)
        return user is not None and bool(user.is_authenticated)

    @cached_property
    def viewer(self) -> Viewer:
        """Who looks at the page."""
        found = getattr(self.request, "viewer", None)
        return found if isinstance(found, Viewer) else Viewer(self.request)

    def entries(self) -> list[Entry]:
        """The pages of the viewer's roles."""
        if not self.signed_in:
            return []
        roles = self.viewer.actor.roles
        sees_cases = bool(roles) and roles.isdisjoint(ADMIN_ROLES)
        pages: tuple[tuple[bool, str, Any, str], ...] = (
            (True, "home", _("Home"), "folder"),
            (sees_cases, "case_list", _("Cases"), "search"),
            (not roles.isdisjoint(REGISTRARS), "register", _("Register"), "plus"),
            (Role.CLERK in roles, "visit_quick", _("Visits"), "visit"),
            (Role.CLERK in roles, "tidings", _("Messages to petitioners"), "letter"),
            (not roles.isdisjoint(MAKERS), "groups", _("Same-cause groups"), "folder"),
            (may_import(self.viewer), "imports", _("Import"), "folder"),
            (not roles.isdisjoint(SUPERVISING), "supervision", _("Supervision"), "warn"),
            (not roles.isdisjoint(flow.READERS), "flow", _("Flow between units"), "next"),
            (not roles.isdisjoint(JOINT), "joint_calls", _("Joint handling"), "call"),
            (not roles.isdisjoint(HANDING_BACK), "feedback", _("12345 feedback"), "print"),
            (not roles.isdisjoint(SETTERS), "watching", _("Watch periods"), "eye"),
            (not roles.isdisjoint(CALLERS), "duty", _("On duty"), "call"),
            (not roles.isdisjoint(IN_CHARGE), "charges", _("Who is in charge"), "user"),
            (
                not roles.isdisjoint(suggestions.READERS),
                "suggestions",
                _("Text suggestions"),
                "search",
            ),
            (Role.SYSTEM_ADMIN in roles, "operations", _("Operations"), "folder"),
            (Role.SECURITY_ADMIN in roles, "policies", _("Policy texts"), "paper"),
            (not roles.isdisjoint(ADMIN_ROLES), "rules", _("Rules and calendar"), "clock"),
            (not roles.isdisjoint(STAFF_ROLES), "admin:index", _("Reference data"), "folder"),
        )
        return [self._entry(*page) for shown, *page in pages if shown]

    def personal(self) -> list[Entry]:
        """Pages about the viewer's own work, in the menu under their name."""
        if not self.signed_in:
            return []
        roles = self.viewer.actor.roles
        works = bool(roles) and roles.isdisjoint(ADMIN_ROLES | {Role.LIAISON})
        pages: tuple[tuple[bool, str, Any, str], ...] = (
            (works, "my_duty", _("My shifts"), "clock"),
            (works or Role.SYSTEM_ADMIN in roles, "handovers", _("Hand over a caseload"), "next"),
            (not roles.isdisjoint(RECORDED), "my_record", _("Agent's record"), "good"),
        )
        return [self._entry(*page) for shown, *page in pages if shown]

    def nav(self) -> dict[str, SafeString]:
        """The pages as the bar and a telephone's menu show them; {} if there are none."""
        entries = self.entries()
        return {name: drawn(name, entries) for name in ("main", "menu")} if entries else {}

    def own(self) -> SafeString:
        """The pages about the viewer's own work as they stand in their menu."""
        return drawn("menu", [replace(one, current=False) for one in self.personal()])

    def watches(self) -> list[WatchPeriod]:
        """The watch periods that run today, for the banner: from memory, nothing is asked."""
        if not self.signed_in:
            return []
        today = self.viewer.today
        return RuleBook.current(self.viewer.versions).running(today)

    def sees_watches(self) -> bool:
        """Whether the banner leads to the page: administrators see no business of cases."""
        roles = self.viewer.actor.roles
        return bool(roles) and roles.isdisjoint(ADMIN_ROLES)

    def unit_name(self) -> str:
        """The viewer's unit, from memory."""
        if not self.signed_in:
            return ""
        unit = self.viewer.directory.units.get(self.viewer.actor.unit_id)
        return unit.name if unit else ""

    def badges(self) -> dict[str, Any]:
        """Unread notices, and decisions of others' requests; None: not one who decides.

        Both are counted with whatever else the page counts, in one query.
        """
        if not self.signed_in:
            return {}
        viewer = self.viewer
        counted = {"inbox": viewer.tally.want(_unread(viewer.user.pk))}
        if may_decide(viewer.actor):
            counted["decisions"] = viewer.waiting()
        return {"decisions": None, **{name: count() for name, count in counted.items()}}

    def _entry(self, name: str, label: Any, icon: str) -> Entry:
        url, path = _address(name), self.request.path
        current = path == url if name == "home" else path.startswith(url)
        return Entry(url, label, icon, current)


@lru_cache(maxsize=256)
def _unread(reader: int) -> Counted:
    """What to count for the number of unread notices: its statement is made once, as `badge`'s."""
    return Counted(InboxMessage.objects.filter(recipient_id=reader, read_at=None).order_by()).made()


@cache
def _address(name: str) -> str:
    return reverse(name)


def drawn(part: str, entries: Iterable[Entry]) -> SafeString:
    """These pages as `components/_nav_<part>.html` draws them, drawn once: every page has them."""
    key = (part, get_language(), *((one.url, one.current) for one in entries))
    if key not in DRAWN:
        if len(DRAWN) >= MOST_DRAWN:
            DRAWN.clear()
        DRAWN[key] = render_to_string(f"components/_nav_{part}.html", {"entries": entries})
    return DRAWN[key]
