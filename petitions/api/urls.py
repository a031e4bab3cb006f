"""The API's addresses under /api/v1/."""

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from petitions.api import (
    agency,
    attachments,
    cases,
    decisions,
    duty,
    handing_over,
    imports,
    inbox,
    joint,
    looks,
    lookups,
    petitioner,
    registering,
    suggestions,
    supervision,
    undelivered,
    watching,
)
from petitions.api.sessions import SessionView, TokenView
from petitions.api.steps import STEP_VIEWS, UnknownStep

app_name = "api"

CASE = "cases/<str:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api:schema", template_name="api/docs.html", title="API"
        ),
        name="docs",
    ),
    path("token/", TokenView.as_view(), name="token"),
    path("session/", SessionView.as_view(), name="session"),
    # Cases
    path("cases/", cases.CaseList.as_view(), name="cases"),
    path(f"{CASE}/", cases.CaseDetail.as_view(), name="case"),
    path(f"{CASE}/events/", cases.CaseEvents.as_view(), name="events"),
    path(f"{CASE}/people/", cases.CasePeople.as_view(), name="people"),
    path(f"{CASE}/reveal/<str:field>/", cases.CaseReveal.as_view(), name="reveal"),
    path(f"{CASE}/files/", attachments.Attachments.as_view(), name="attachments"),
    path(f"{CASE}/files/<int:pk>/", attachments.AttachmentView.as_view(), name="attachment"),
    *(path(f"{CASE}/do/{name}/", view, name=f"do_{name}") for name, view in STEP_VIEWS.items()),
    path(f"{CASE}/mandates/", agency.Mandates.as_view(), name="mandates"),
    path(f"{CASE}/joint/", joint.Joint.as_view(), name="joint"),
    path(f"{CASE}/suggestions/", suggestions.CaseSuggestions.as_view(), name="suggestions"),
    path(f"{CASE}/looked/", looks.Looked.as_view(), name="looked"),
    path(f"{CASE}/do/<str:name>/", UnknownStep.as_view(), name="do"),
    # Import
    path("imports/", imports.Imports.as_view(), name="imports"),
    path("imports/<int:pk>/", imports.Import.as_view(), name="import"),
    path("imports/<int:pk>/start/", imports.ImportStart.as_view(), name="import_start"),
    path("imports/<int:pk>/stop/", imports.ImportStop.as_view(), name="import_stop"),
    path("imports/<int:pk>/undo/", imports.ImportUndo.as_view(), name="import_undo"),
    path("imports/<int:pk>/rejects/", imports.ImportRejects.as_view(), name="import_rejects"),
    # Agents
    path("handovers/", agency.Handovers.as_view(), name="handovers"),
    path("handovers/<int:pk>/", agency.HandoverView.as_view(), name="handover"),
    path("swaps/", agency.Swaps.as_view(), name="swaps"),
    path("agents/<int:pk>/record/", agency.AgentRecord.as_view(), name="agent_record"),
    # Around them
    path("visits/", registering.Visits.as_view(), name="visits"),
    path("decisions/", decisions.DecisionList.as_view(), name="decisions"),
    path("decisions/done/", decisions.DecisionsMade.as_view(), name="decisions_made"),
    path("decisions/hand-over/", handing_over.HandingOver.as_view(), name="hand_over"),
    path("decisions/hand-over/<int:pk>/end/", handing_over.End.as_view(), name="end_hand_over"),
    path("decisions/<int:pk>/", decisions.DecisionView.as_view(), name="decision"),
    path("changes/", looks.Changes.as_view(), name="changes"),
    path("inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("inbox/<int:pk>/", inbox.InboxMessageView.as_view(), name="inbox_message"),
    path("orders/", supervision.Orders.as_view(), name="orders"),
    path("proposals/", supervision.Proposals.as_view(), name="proposals"),
    path("instructions/", supervision.Instructions.as_view(), name="instructions"),
    path("advices/", supervision.Advices.as_view(), name="advices"),
    path("watch-periods/", watching.WatchPeriods.as_view(), name="watch_periods"),
    path("duty/", duty.Roster.as_view(), name="duty"),
    path("dead-letters/", undelivered.DeadLetters.as_view(), name="dead_letters"),
    path("lookups/units/", lookups.Units.as_view(), name="units"),
    path("lookups/areas/", lookups.Areas.as_view(), name="areas"),
    path("lookups/categories/", lookups.Categories.as_view(), name="categories"),
    path("lookups/cadres/", lookups.Cadres.as_view(), name="cadres"),
    path("lookups/candidates/", lookups.Candidates.as_view(), name="candidates"),
    # The petitioner
    path("progress/", petitioner.Progress.as_view(), name="progress"),
    *(
        path(f"my/<str:number>/do/{name}/", view, name=f"my_{name}")
        for name, view in petitioner.MY_STEPS.items()
    ),
]
