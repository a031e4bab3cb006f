"""The main pages: the one list that `bin/shots` pictures and `test_pages.py` examines."""

from __future__ import annotations

from dataclasses import dataclass

#: Widths and heights of the two screens: an office's, a telephone's.
DESK, PHONE = (1366, 768), (360, 740)
LANGUAGES = {"zh": "zh-hans", "en": "en"}
LANGUAGE_COOKIE, SESSION_COOKIE = "xinfang_language", "xinfang_session"


@dataclass(frozen=True)
class Page:
    """One page as one person sees it.

    `path` and `login` may name a value of the scene in braces: see `scene.py`. `send`: the page's
    form is sent as it stands, or with `fields` filled in, and the answer is what counts.
    `ours`: false where another's program draws the page and only its coming up is our matter;
    `until`: what there is when it has been drawn.
    """

    name: str
    path: str
    login: str = ""
    send: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    ours: bool = True
    until: str = ""


HOMES = (
    "clerk", "dispatcher", "handler", "head", "caller", "supervisor", "reviewer", "leader",
    "liaison", "sysadmin", "secadmin", "auditor",
)  # fmt: skip
STEPS = (
    "classify", "dispatch", "sign", "submit_opinion", "reply", "record_return_visit", "extend",
    "approve_opinion", "whistle", "order_supervision", "instruct", "advise", "log_errand",
    "promise", "keep_promise",
)  # fmt: skip
#: A notice of a year that is not in the calendar yet, as it is pasted in.
NOTICE = "date,name,is_off_day\n" + "".join(
    f"2027-{day},{name},{int(off)}\n"
    for name, days, off in (
        ("元旦", ("01-01", "01-02", "01-03"), True),
        ("春节", [f"02-{day:02}" for day in range(5, 13)], True),
        ("春节", ("01-31", "02-14"), False),
        ("清明节", ("04-03", "04-04", "04-05"), True),
        ("劳动节", [f"05-0{day}" for day in range(1, 6)], True),
        ("端午节", ("06-09",), True),
        ("中秋节", ("09-15",), True),
        ("国庆节", [f"10-0{day}" for day in range(1, 8)], True),
    )
    for day in days
)

PAGES: tuple[Page, ...] = (
    Page("login", "/login/"),
    Page("login_wrong", "/login/", send=True, fields=(("username", "x"), ("password", "y"))),
    *(Page(f"home_{login}", "/", login) for login in HOMES),
    Page("register", "/register/?channel=VISIT", "clerk"),
    Page("register_wrong", "/register/?channel=VISIT", "clerk", send=True),
    Page("visit_quick", "/visits/new/", "clerk"),
    Page("slip", "/cases/{usual}/slip/", "clerk"),
    Page("imports", "/imports/", "clerk"),
    Page("imports_wrong", "/imports/", "clerk", send=True),
    Page("import_recognised", "/imports/{import_recognised}/", "clerk"),
    Page("import_own", "/imports/{import_own}/", "clerk"),
    Page("import_wrong", "/imports/{import_own}/", "clerk", send=True),
    Page("import_running", "/imports/{import_running}/", "clerk"),
    Page("import_done", "/imports/{import_done}/", "clerk"),
    Page("list", "/cases/?tab=all", "clerk"),
    Page("list_empty", "/cases/?tab=all&q=000000", "clerk"),
    Page("case", "/cases/{usual}/", "clerk"),
    Page("case_of_handler", "/cases/{reply}/", "{reply_by}"),
    Page("case_extreme", "/cases/{extreme}/", "clerk"),
    *(Page(f"step_{name}", f"/cases/{{{name}}}/do/{name}/", f"{{{name}_by}}") for name in STEPS),
    Page(
        "step_wrong", "/cases/{submit_opinion}/do/submit_opinion/", "{submit_opinion_by}", send=True
    ),
    Page("mandate", "/cases/{mandated}/mandate/", "clerk"),
    Page("step_sign_mandate", "/cases/{offered}/do/sign_mandate/", "clerk"),
    Page("step_sign_mandate_wrong", "/cases/{offered}/do/sign_mandate/", "clerk", send=True),
    Page("stations", "/stations/"),
    Page("joint", "/cases/{joint}/joint/", "{joint_by}"),
    Page("joint_of_called", "/cases/{joint}/joint/whistles/{whistle_of}/", "{called}"),
    Page("joint_calls", "/joint/", "{called}"),
    Page("whistles", "/whistles/", "leader"),
    Page("errands", "/cases/{keep_promise}/errands/", "{keep_promise_by}"),
    Page("errands_empty", "/cases/{sign}/errands/", "{sign_by}"),
    Page("ask", "/cases/{reply}/ask/", "{reply_by}"),
    Page("my_errands", "/errands/", "{keep_promise_by}"),
    Page("tidings", "/tidings/", "clerk"),
    Page("holds", "/holds/", "supervisor"),
    Page("hops", "/cases/{passed_on}/hops/", "clerk"),
    Page("flow", "/flow/?first={quarter}&last={today}", "leader"),
    Page("precedents", "/precedents/", "leader"),
    Page("groups", "/groups/", "dispatcher"),
    Page("group_new", "/groups/new/", "dispatcher"),
    Page("group", "/groups/{group}/", "{group_by}"),
    Page("group_enter_wrong", "/groups/{group}/do/log_contact/", "{group_by}", send=True),
    Page("group_act", "/groups/acts/{group_act}/", "{group_by}"),
    Page("policies", "/policies/", "dispatcher"),
    Page("beside", "/cases/{reply}/beside/", "{reply_by}"),
    Page("feedback", "/feedback/", "dispatcher"),
    Page("rules", "/rules/", "secadmin"),
    Page("rules_calendar", "/rules/calendar/", "secadmin"),
    Page("rules_calendar_wrong", "/rules/calendar/", "secadmin", send=True),
    Page(
        "rules_calendar_looked",
        "/rules/calendar/",
        "secadmin",
        send=True,
        fields=(("year", "2027"), ("basis", "X"), ("text", NOTICE)),
    ),
    Page("rule_version", "/rules/{rule}/new/", "secadmin"),
    Page(
        "rule_version_looked",
        "/rules/{rule}/new/",
        "secadmin",
        send=True,
        fields=(("length", "70"), ("ground", "X")),
    ),
    Page("trigger_version", "/rules/triggers/{trigger}/new/", "secadmin"),
    Page("trigger_version_wrong", "/rules/triggers/{trigger}/new/", "secadmin", send=True),
    Page(
        "trigger_version_looked",
        "/rules/triggers/{trigger}/new/",
        "secadmin",
        send=True,
        fields=(("threshold", "3"), ("ground", "X")),
    ),
    Page("decisions", "/decisions/", "{decider}"),
    Page("decisions_of_supervisor", "/decisions/", "supervisor"),
    Page("supervision", "/supervision/", "supervisor"),
    Page("supervision_proposals", "/supervision/proposals/", "supervisor"),
    Page("supervision_advices", "/supervision/advices/", "supervisor"),
    Page("supervision_triggers", "/supervision/triggers/", "supervisor"),
    Page("instructions", "/instructions/", "{instructed}"),
    Page("case_supervised", "/cases/{supervised}/", "{instructed}"),
    Page("order_paper", "/cases/{supervised}/papers/{order_paper}/", "supervisor"),
    Page("decisions_by_kind", "/decisions/?by=kind", "dispatcher"),
    Page("decided", "/decisions/done/", "{decider}"),
    Page("hand_over", "/decisions/hand-over/", "{decider}"),
    Page("hand_over_wrong", "/decisions/hand-over/", "{decider}", send=True),
    Page("inbox", "/inbox/", "{reader}"),
    Page("clock", "/cases/{usual}/clocks/{clock}/", "clerk"),
    Page("clocks", "/cases/{usual}/clocks/", "clerk"),
    Page("operations", "/operations/", "sysadmin"),
    Page("watching", "/watch/", "supervisor"),
    Page("watching_wrong", "/watch/", "supervisor", send=True),
    Page("suggestions", "/suggestions/", "dispatcher"),
    Page("suggestion_cases", "/suggestions/cases/?what=dispatched", "dispatcher"),
    Page("duty", "/duty/", "dispatcher"),
    Page("duty_wrong", "/duty/", "dispatcher", send=True),
    Page("charges", "/charges/?category=06", "head"),
    Page("charge_new", "/charges/new/?unit={street}", "head"),
    Page("charge_new_wrong", "/charges/new/?unit={street}", "head", send=True),
    Page("charge_matrix", "/charges/matrix/", "head"),
    Page("charge_import", "/charges/import/", "head"),
    Page("teams", "/teams/", "head"),
    Page("team", "/teams/{team}/", "head"),
    Page("my_duty", "/duty/mine/", "{holder}"),
    Page("handovers", "/handovers/", "{handing}"),
    Page("handovers_wrong", "/handovers/", "{handing}", send=True),
    Page("handover", "/handovers/{handover}/", "{handing}"),
    Page("handover_sheet", "/handovers/{handover}/sheet/", "{handing}"),
    Page("records", "/record/", "{handing}"),
    Page("record", "/record/{holder_id}/", "{holder}"),
    Page("record_evidence", "/record/{holder_id}/closed/", "{holder}"),
    Page("inbox_narrowed", "/inbox/?tab=done&kind=URGENT", "{reader}"),
    Page("preferences", "/inbox/ways/", "{reader}"),
    Page("undelivered", "/undelivered/", "sysadmin"),
    Page("document", "/cases/{papered}/papers/{paper}/", "clerk"),
    Page("reveal", "/cases/{usual}/reveal/phone/", "clerk"),
    Page("progress", "/progress/"),
    Page(
        "progress_told",
        "/progress/",
        send=True,
        fields=(("number", "{usual}"), ("code", "{query_code}")),
    ),
    Page("my", "/my/"),
    Page("my_acts", "/my/", send=True, fields=(("number", "{usual}"), ("code", "{rating_code}"))),
    Page(
        "my_acts_in_hand",
        "/my/",
        send=True,
        fields=(("number", "{mandated}"), ("code", "{rating_code}")),
    ),
    Page("error_403", "/register/", "handler"),
    Page("error_404", "/cases/does-not-exist/", "clerk"),
    Page("error_409", "/cases/{dispatch}/do/serve/", "clerk"),
    Page("api_docs", "/api/v1/docs/", "clerk", ours=False, until=".opblock"),
)
