"""Papers (文书) that steps issue: kind -> title, numbering mark, template, version.

A paper keeps its text as issued; its number is taken last in the transaction, so that the series
has no gaps. Papers are in Chinese whatever the screen's language: the law knows no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from workflow.calendar import ZONE
from workflow.models import Answer, Document, Event, Note
from workflow.numbering import document_number, next_values

if TYPE_CHECKING:
    from workflow.lifecycle import Lifecycle


@dataclass(frozen=True)
class Paper:
    """`mark` is the character in the number 石信{mark}〔2026〕12号.

    `only_if`: a property of the case; without it the step makes no paper of this kind.
    """

    title: Any
    mark: str
    version: str = "1"
    only_if: str = ""


DOCUMENTS: dict[str, Paper] = {
    "dispatch_sheet": Paper(_("Transfer or assignment sheet"), "转"),
    "transfer_sheet": Paper(_("Transfer sheet to another organ"), "移"),
    "acceptance_notice": Paper(_("Acceptance notice"), "受"),
    "receipt_notice": Paper(_("Notice of receipt and way of handling"), "告"),
    "divert_notice": Paper(_("Notice of the competent procedure"), "导"),
    "decline_notice": Paper(_("Notice of non-acceptance"), "不受"),
    "extension_notice": Paper(_("Extension notice"), "延"),
    "opinion": Paper(_("Petition handling opinion"), "意"),
    "reply": Paper(_("Reply"), "复"),
    "review_opinion": Paper(_("Review opinion"), "查"),
    "rereview_opinion": Paper(_("Re-review opinion"), "核"),
    # Translators: 督办单
    "supervision_order": Paper(_("Supervision order"), "督"),
    # Translators: 建议书
    "advice": Paper(_("Advice"), "建"),
    # Translators: 代理委托书
    "agency_mandate": Paper(_("Mandate"), "代", only_if="offers_mandate"),
}


def draw_up_all(kinds: Collection[str], case: Lifecycle, data: Mapping[str, Any]) -> list[Document]:
    """The papers of these kinds that the step makes, not yet numbered."""
    papers = ((kind, DOCUMENTS[kind].only_if) for kind in kinds)
    return [
        draw_up(kind, case, data) for kind, asked in papers if not asked or getattr(case, asked)
    ]


def draw_up(kind: str, case: Lifecycle, data: Mapping[str, Any]) -> Document:
    """The paper with its text and hash, not yet numbered."""
    paper, directory = DOCUMENTS[kind], case.context.directory
    facts = {
        **case.document_facts(),
        "case": case,
        "data": data,
        "now": case.context.now,
        "unit": directory.units.get(case.unit_id or 0),
        "handler": directory.cadres.get(case.handler_id or 0),
        "clocks": case.context.clocks,
        "draft": case.context.draft,
        # What the step makes beside the paper: an order, an advice.
        "record": next(reversed(case.context.records), None),
    }
    with translation.override("zh-hans"):
        text = render_to_string(f"documents/{kind}.html", facts)
        if acting := case.context.acting:
            by, absent = (directory.cadres[one or 0] for one in (acting.id, acting.absent_id))
            text += render_to_string(
                "documents/_in_place.html", {"by": by, "absent": absent, "acting": acting}
            )
    return Document(
        kind=kind,
        year=case.context.now.astimezone(ZONE).year,
        text=text,
        template_version=paper.version,
        sha256=hashlib.sha256(f"{kind} {paper.version}\n{text}".encode()).hexdigest(),
        issued_at=case.context.now,
        issued_by_id=case.context.actor.id if case.context.actor.kind == "cadre" else None,
    )


def read_along(cases: Sequence[Lifecycle], kinds: Collection[str]) -> None:
    """Attach what papers of these kinds print, so that drawing them up asks nothing."""
    type(cases[0]).read_document_facts(cases, kinds)
    if "opinion" in kinds:
        _read_drafts({case.pk: case for case in cases})


def _read_drafts(cases: Mapping[int, Lifecycle]) -> None:
    """What the handler submitted last: the opinion's text is known before it is approved."""
    notes = Note.objects.filter(event__case__in=cases, event__name="submit_opinion")
    for note in notes.select_related("event").order_by("event_id"):
        cases[note.event.case_id or 0].context.draft[note.key] = note.text
    texts: dict[int, dict[int, str]] = {pk: {} for pk in cases}
    for answer in Answer.objects.filter(case__in=cases).order_by("id"):
        if answer.round == cases[answer.case_id].round:
            texts[answer.case_id][answer.claim_point_id] = answer.text
    for pk, case in cases.items():
        case.context.draft["answers"] = list(texts[pk].values())


def number(papers: list[tuple[Document, Lifecycle, Event]]) -> list[Document]:
    """Give each paper its number; call it last in the transaction (the counters' rows lock)."""
    series: dict[tuple[str, int], list[Document]] = {}
    for paper, case, event in papers:
        series.setdefault((paper.kind, paper.year), []).append(paper)
        paper.case, paper.event = case, event  # type: ignore[assignment]
    for (kind, year), some in sorted(series.items()):
        for paper, serial in zip(
            some, next_values(f"document {kind} {year}", len(some)), strict=True
        ):
            paper.serial = serial
            paper.number = document_number(DOCUMENTS[kind].mark, year, serial)
    return [paper for paper, _case, _event in papers]
