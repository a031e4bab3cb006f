"""Pages of the petitions."""

from django.urls import URLPattern, URLResolver, path

from petitions.views import (
    cases,
    decided,
    decisions,
    desk,
    duty,
    feedback,
    handing_over,
    holds,
    home,
    imports,
    inbox,
    looked,
    operations,
    prints,
    public,
    rules,
    step,
    suggestions,
    supervision,
    together,
    undelivered,
    watching,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="read_all"),
    path("inbox/<int:pk>/", inbox.open_message, name="open_message"),
    path("operations/", operations.operations, name="operations"),
    path("watch/", watching.watching, name="watching"),
    path("watch/<int:pk>/report/", watching.report, name="watch_report"),
    path("watch/<int:pk>/end/", watching.end, name="watch_end"),
    path("duty/", duty.roster, name="duty"),
    path("inbox/<int:pk>/done/", inbox.tick_message, name="tick_message"),
    path("inbox/ways/", inbox.preferences, name="preferences"),
    path("undelivered/", undelivered.undelivered, name="undelivered"),
    path("undelivered/again/", undelivered.again, name="send_again"),
    # The desk
    path("register/", desk.register, name="register"),
    path("register/known/", desk.known, name="known"),
    path("visits/new/", desk.visit_quick, name="visit_quick"),
    path("cases/<str:number>/slip/", desk.slip, name="slip"),
    # Import
    path("imports/", imports.imports, name="imports"),
    path("imports/mappings/<int:pk>/", imports.saved_mapping, name="saved_mapping"),
    path("imports/<int:pk>/", imports.one, name="import"),
    path("imports/<int:pk>/rejects/", imports.rejects, name="import_rejects"),
    path("imports/<int:pk>/changes/", imports.changes, name="import_changes"),
    path("imports/<int:pk>/undo/", imports.take_back, name="import_undo"),
    *(
        path(f"imports/<int:pk>/{name}/", imports.act, {"name": name}, name=f"import_{name}")
        for name in ("start", "stop", "discard")
    ),
    # Cases
    path("cases/", cases.case_list, name="case_list"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<str:number>/do/<str:name>/", step.step, name="step"),
    path("cases/<str:number>/clocks/", cases.clocks_page, name="clocks"),
    path("cases/<str:number>/clocks/<int:clock_id>/", cases.clock_page, name="clock"),
    path("holds/", holds.holds, name="holds"),
    path("cases/<str:number>/looked/", looked.looked, name="looked"),
    path("looked/", looked.looked_all, name="looked_all"),
    # Decisions
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/done/", decided.decided, name="decided"),
    path("decisions/together/", together.together, name="together"),
    path("decisions/hand-over/", handing_over.hand_over, name="hand_over"),
    path("decisions/hand-over/<int:pk>/end/", handing_over.end, name="end_hand_over"),
    path("decisions/<int:pk>/", decisions.decide, name="decide"),
    path("decisions/<str:number>/<str:name>/", decisions.rule, name="rule"),
    # Supervision
    path("supervision/", supervision.orders, name="supervision"),
    path("supervision/proposals/", supervision.proposed, name="proposals"),
    path("supervision/proposals/<int:pk>/", supervision.decide, name="decide_proposal"),
    path("supervision/advices/", supervision.advices, name="advices"),
    path("supervision/triggers/", supervision.triggers, name="triggers"),
    path("instructions/", supervision.told, name="instructions"),
    path("instructions/<int:pk>/read/", supervision.confirm, name="confirm_instruction"),
    path("instructions/<int:pk>/report/", supervision.report, name="report_instruction"),
    # Suggestions from the text
    path("suggestions/", suggestions.suggestions, name="suggestions"),
    path("suggestions/cases/", suggestions.suggestion_cases, name="suggestion_cases"),
    # What is handed out
    path("cases/<str:number>/papers/<int:pk>/", prints.document, name="document"),
    path("cases/<str:number>/files/<int:pk>/", prints.attachment, name="attachment"),
    path("cases/<str:number>/reveal/<slug:field>/", prints.reveal_field, name="reveal"),
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/<int:pk>.<slug:kind>", feedback.feedback_file, name="feedback_file"),
    # Rules and calendar
    path("rules/", rules.rules, name="rules"),
    path("rules/calendar/", rules.calendar, name="rules_calendar"),
    path("rules/<int:pk>/new/", rules.version, name="rule_version"),
    path("rules/changes/<int:pk>/", rules.change, name="rule_change"),
    # For petitioners, without an account
    path("progress/", public.progress, name="progress"),
    path("my/", public.my, name="my"),
]
