"""The agent of a case and their mandate, in words: for the office's page and for the petitioner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from agents.directory import Directory
from agents.models import Station
from petitions import conflicts
from petitions.conflicts import Conflict
from petitions.models import Attachment, Petition
from workflow.mandate_codes import MandateState, RecusalWish
from workflow.models import CoAgent, Document, Mandate, Note, Recusal, Request

STEPS = ("offer_mandate", "sign_mandate", "revoke_mandate", "resign_mandate", "recuse", "reassign")
"""What can be done about agency, in the order in which the page offers it."""


@dataclass(frozen=True)
class Agent:
    """Who acts for the petitioner now. `mandate`: the one that stands, where it was read."""

    name: str
    unit: str
    state: str
    in_force: bool
    same_side: bool
    mandate: Mandate | None = None
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Past:
    """One mandate of the case, from its offer to its end."""

    mandate: Mandate
    agent: str
    unit: str
    others: list[str]
    offered_by: str
    recorded_by: str
    ended_by: str
    paper: Document | None


@dataclass(frozen=True)
class Recused:
    """Somebody who was recused, in words."""

    name: str
    ground: str
    at: datetime
    by: str
    reason: str
    wish: str


@dataclass(frozen=True)
class Agency:
    """All that there is about agency in one case."""

    agent: Agent | None
    history: list[Past]
    recused: list[Recused]
    scans: list[Attachment]
    suspected: list[tuple[str, Conflict]]


def agent_of(case: Petition, day: date, directory: Directory) -> Agent | None:
    """Who acts for the petitioner on that day, from the case's own columns. Asks nothing."""
    cadre = directory.cadres.get(case.agent_id or 0)
    if cadre is None or case.sealed:
        return None
    unit = directory.units.get(cadre.unit_id or 0)
    over = case.mandate_over_on(day)
    return Agent(
        name=cadre.name,
        unit=unit.name if unit else "",
        state=_state(case, over),
        in_force=bool(case.mandate) and case.mandate != MandateState.OFFERED and not over,
        same_side=case.same_side,
    )


def with_mandate(case: Petition, day: date, directory: Directory) -> Agent | None:
    """The same with the mandate that stands. Two queries, where one does."""
    agent = agent_of(case, day, directory)
    if agent is None or not case.mandate:
        return agent
    rows = Mandate.objects.filter(case=case.pk, ended_at=None).select_related("station")
    return Agent(
        agent.name, agent.unit, agent.state, agent.in_force, agent.same_side,
        mandate=rows.first(), others=_names(case.co_agents, directory),
    )  # fmt: skip


def own_wish(case: Petition) -> Request | None:
    """The petitioner's own latest wish for a recusal: undecided, followed, or not. One query, and
    of a sealed accusation nothing.
    """
    if case.sealed:
        return None
    return Request.objects.filter(case=case.pk, kind="recuse", asker=None).order_by("-pk").first()


def agency_of(case: Petition, day: date, directory: Directory) -> Agency:
    """What the page of the mandate shows. The same number of queries for any history."""
    mandates = list(Mandate.objects.filter(case=case.pk).select_related("station").order_by("-pk"))
    others = list(CoAgent.objects.filter(case=case.pk).order_by("pk"))
    papers = Document.objects.filter(case=case.pk, kind="agency_mandate").defer("text")
    by_event = {paper.event_id: paper for paper in papers}
    scans = Attachment.objects.filter(petition=case.pk, event__name="sign_mandate")
    agent = agent_of(case, day, directory)
    standing = next((one for one in mandates if one.ended_at is None), None)
    if agent is not None and standing is not None:
        agent = Agent(
            agent.name, agent.unit, agent.state, agent.in_force, agent.same_side,
            mandate=standing, others=_names(case.co_agents, directory),
        )  # fmt: skip
    return Agency(
        agent=agent,
        history=[_past(one, others, by_event, directory) for one in mandates],
        recused=_recused(case, directory),
        scans=list(scans.order_by("pk")),
        suspected=_suspected(case, directory),
    )


def stations() -> list[Station]:
    """The network as petitioners see it: those in use, the district before its streets."""
    return list(Station.objects.filter(is_active=True).select_related("area"))


def _state(case: Petition, over: bool) -> str:
    if not case.mandate:
        return _("No mandate yet")
    return _("The period of the mandate is over") if over else str(case.get_mandate_display())


def _past(
    mandate: Mandate,
    others: Iterable[CoAgent],
    papers: dict[int, Document],
    directory: Directory,
) -> Past:
    cadre = directory.cadres.get(mandate.agent_id)
    unit = directory.units.get((cadre and cadre.unit_id) or 0)
    return Past(
        mandate=mandate,
        agent=_name(mandate.agent_id, directory),
        unit=unit.name if unit else "",
        others=_names(
            (one.cadre_id for one in others if one.event_id == mandate.event_id), directory
        ),
        offered_by=_name(mandate.offered_by_id, directory),
        recorded_by=_name(mandate.recorded_by_id, directory) or _("the petitioner"),
        ended_by=_name(mandate.ended_by_id, directory) or _("the petitioner"),
        paper=papers.get(mandate.event_id),
    )


def _recused(case: Petition, directory: Directory) -> list[Recused]:
    rows = list(Recusal.objects.filter(case=case.pk).select_related("event").order_by("pk"))
    notes = Note.objects.filter(event__in=[row.event_id for row in rows], key="reason")
    reasons = {note.event_id: note.text for note in notes}
    return [
        Recused(
            name=_name(row.cadre_id, directory),
            ground=row.get_ground_display(),
            at=row.decided_at,
            by=_name(row.decided_by_id, directory),
            reason=reasons.get(row.event_id, ""),
            wish=str(dict(RecusalWish.choices).get(row.event.data.get("wish", ""), "")),
        )
        for row in rows
    ]


def _suspected(case: Petition, directory: Directory) -> list[tuple[str, Conflict]]:
    """Handler and agent, where the register itself shows a conflict of interest."""
    if not case.is_open:
        return []
    people = [one for one in dict.fromkeys((case.handler_id, case.agent_id)) if one is not None]
    known = conflicts.of_all(case, people, directory)
    return [(_name(one.cadre_id, directory), one) for one in known]


def _name(cadre_id: int | None, directory: Directory) -> str:
    cadre = directory.cadres.get(cadre_id or 0)
    return cadre.name if cadre else ""


def _names(cadre_ids: Iterable[int], directory: Directory) -> list[str]:
    return [_name(one, directory) for one in cadre_ids]
