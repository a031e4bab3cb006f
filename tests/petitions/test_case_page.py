"""The page of a case, and the page that says why a date is what it is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from petitions.intake import VisitData, log_visit
from petitions.models import Petition, Visit
from tests.cast import Cast
from tests.driving import attachment, drive, new_case, old_record, reach
from workflow import engine, requests
from workflow.models import Clock, ClockMove, RuleChange
from workflow.steps import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(client: Client, cast: Cast) -> Any:
    """The case as somebody sees it."""

    def get(case: Petition, by: str = "dispatcher", **query: Any) -> Any:
        client.force_login(cast.people[by])
        return client.get(case.get_absolute_url(), query)

    return get


def text(response: Any) -> str:
    assert response.status_code == 200
    content: str = response.content.decode()
    return content


def test_case_shows_demand_and_masks_people(look: Any, cast: Cast, now: datetime) -> None:
    shown = text(look(new_case(cast, now, accused_name="赵某某")))

    assert "楼前的路灯坏了三个月" in shown
    assert "138****5678" in shown
    assert not any(plain in shown for plain in ("王建国", "13812345678", "赵某某"))


def test_case_of_others_is_not_there(look: Any, cast: Cast, now: datetime) -> None:
    assert look(new_case(cast, now), by="stranger").status_code == 404


def test_case_sealed_is_there_for_liaison_only(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, "accusation", by="liaison")

    assert look(case).status_code == 404
    assert look(case, by="liaison").status_code == 200


def test_case_of_mistyped_number_is_not_there(client: Client, cast: Cast) -> None:
    client.force_login(cast.dispatcher)

    assert client.get(reverse("case", args=["2026-000001-0"])).status_code == 404


def test_case_from_a_file_shows_what_it_said_besides_and_no_date(
    look: Any, cast: Cast, now: datetime
) -> None:
    shown = text(look(old_record(cast, now), by="clerk"))

    assert "反对数：2" in shown
    assert "日期不详" in shown


# What can be done -----------------------------------------------------------------------------


def buttons(response: Any) -> dict[str, Any]:
    steps = response.context["steps"]
    return {button.name: button for button in (*steps.mine, *steps.others)}


def test_case_offers_next_step_first(look: Any, cast: Cast, now: datetime) -> None:
    response = look(new_case(cast, now), by="clerk")

    first = response.context["steps"].mine[0]
    assert (first.name, first.main) == ("dispatch", True)


def test_case_unclassified_offers_classifying_first(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, category=None, petition_class="", path="")

    assert look(case, by="clerk").context["steps"].mine[0].name == "classify"


def test_case_says_why_a_step_is_grey(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.SIGNED, cast, now)

    response = look(case, by="handler")

    take_up = buttons(response)["take_up"]
    assert not take_up.allowed
    assert str(take_up.reasons[0]) in text(response)


def test_case_marks_what_somebody_else_decides(look: Any, cast: Cast, now: datetime) -> None:
    extend = buttons(look(reach(State.HANDLING, cast, now), by="handler"))["extend"]

    assert (extend.allowed, extend.asks) == (True, True)


def test_case_sets_steps_of_others_apart(look: Any, cast: Cast, now: datetime) -> None:
    steps = look(reach(State.DISPATCHED, cast, now), by="clerk").context["steps"]

    assert "recall" in {button.name for button in steps.others}


def test_case_does_a_step_without_input_from_its_button(
    look: Any, cast: Cast, now: datetime
) -> None:
    case = reach(State.DISPATCHED, cast, now)

    shown = text(look(case, by="handler"))

    assert f'action="{reverse("step", args=[case.number, "sign"])}"' in shown


def test_case_shows_request_to_its_decider(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    requests.ask(
        case.pk, "extend", actor=cast.actor("handler", now), now=now, days=5, reason="检测"
    )

    assert [asked.for_me for asked in look(case, by="head").context["file"].asked] == [True]
    assert [asked.for_me for asked in look(case, by="handler").context["file"].asked] == [False]


# Beside and below -----------------------------------------------------------------------------


def test_case_shows_answers_by_claim_point(look: Any, cast: Cast, now: datetime) -> None:
    points = look(reach(State.ANSWERED, cast, now)).context["file"].points

    assert [point.answer for point in points] == ["答复文字", "答复文字"]


def test_case_after_rework_shows_earlier_answers_apart(
    look: Any, cast: Cast, now: datetime
) -> None:
    visited = ("record_return_visit", {"satisfaction": "DISSATISFIED", "resolved": "NO"})
    case = reach(State.FOLLOW_UP, cast, now, visited, "rework")

    [first, _second] = look(case).context["file"].points

    assert (first.answer, first.earlier) == ("", [(1, "答复文字")])


def test_case_lists_papers_and_files(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now, ("attach", {"by": "handler"}))

    shown = text(look(case))

    for paper in case.documents.all():
        assert reverse("document", args=[case.number, paper.pk]) in shown
    assert "照片.jpg" in shown


def test_case_names_stand_in_of_the_absent(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    cast.handler.absences.create(
        stand_in=cast.stand_in, starts_on=now.date(), ends_on=now.date(), reason="出差"
    )

    assert cast.stand_in.name in text(look(case))


def test_case_counts_hundreds_of_visits(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    visit = Visit(kind="REPEAT", at=now, unit=cast.unit["office"], received_by=cast.clerk)
    Visit.objects.bulk_create([Visit(**{**fields(visit), "petition": case}) for _ in range(400)])

    response = look(case)

    assert response.context["file"].visit_count == 400
    assert len(response.context["past"].entries) == 30


def fields(visit: Visit) -> dict[str, Any]:
    names = ("kind", "at", "unit", "received_by")
    return {name: getattr(visit, name) for name in names}


# The timeline ---------------------------------------------------------------------------------


def test_timeline_is_newest_first_with_notes(look: Any, cast: Cast, now: datetime) -> None:
    entries = look(reach(State.HANDLING, cast, now)).context["past"].entries

    states = [State.HANDLING.label, State.SIGNED.label]
    assert [entry.to_state for entry in entries[:2]] == states
    assert "谈话文字" in [words.value for words in entries[1].notes]


def test_timeline_leads_back_to_the_beginning(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now, *["log_contact"] * 40)
    first = look(case).context["past"]

    second = look(case, before=first.older).context["past"]

    assert len(first.entries) == 30
    assert len(first.entries) + len(second.entries) == case.events.count()
    assert second.older == ""


def test_timeline_whole_shows_everything(look: Any, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now, *["log_contact"] * 40)

    past = look(case, whole="1").context["past"]

    assert (len(past.entries), past.older) == (case.events.count(), "")


def test_timeline_mixes_visits_by_time(look: Any, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now - timedelta(days=2))
    drive(case, "dispatch", cast=cast, now=now)
    log_visit(
        VisitData(at=now - timedelta(days=1), kind=Visit.Kind.REPEAT),
        actor=cast.actor("clerk", now), now=now, petition=case,
    )  # fmt: skip

    entries = look(case).context["past"].entries

    assert [entry.kind for entry in entries] == ["step", "petitioner", "step"]


def test_timeline_of_visits_shows_only_them(look: Any, cast: Cast, now: datetime) -> None:
    assert look(new_case(cast, now), show="visits").context["past"].entries == []


def test_timeline_hides_corrected_name_of_accused(look: Any, cast: Cast, now: datetime) -> None:
    changes = {"reason": "补录", "changes": {"accused_name": "赵某某"}}
    case = drive(new_case(cast, now), ("amend", changes), cast=cast, now=now)

    assert "赵某某" not in text(look(case))


def test_timeline_for_htmx_is_a_fragment(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now, *["log_contact"] * 40)
    client.force_login(cast.dispatcher)
    older = client.get(case.get_absolute_url()).context["past"].older

    response = client.get(
        case.get_absolute_url(), {"before": older}, headers={"HX-Request": "true"}
    )

    assert "<html" not in text(response)


# What it costs --------------------------------------------------------------------------------


def test_case_costs_the_same_with_a_long_history(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    files = ("attach", {"files": [attachment(now) for _ in range(10)]})
    short = reach(State.HANDLING, cast, now, "attach")
    long = reach(State.HANDLING, cast, now, *["log_contact"] * 20, files, "extend")
    client.force_login(cast.handler)
    client.get(short.get_absolute_url())
    counts = []
    for case in (short, long):
        with django_assert_max_num_queries(8) as queries:
            client.get(case.get_absolute_url())
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_case_with_another_unit_called_into_it_costs_the_same(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.clerk)
    client.get(reach(State.HANDLING, cast, now).get_absolute_url())
    counts = []
    for case in (
        reach(State.HANDLING, cast, now),
        reach(State.HANDLING, cast, now, "ask_co_handling"),
    ):
        with django_assert_max_num_queries(8) as queries:
            client.get(case.get_absolute_url())
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_case_with_everything_costs_at_most_eight_queries(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    case = reach(State.MERGED, cast, now)
    for _ in range(12):
        log_visit(
            VisitData(at=now, kind=Visit.Kind.REPEAT),
            actor=cast.actor("clerk", now),
            now=now,
            petition=case,
        )
    client.force_login(cast.dispatcher)
    client.get(case.get_absolute_url())

    with django_assert_max_num_queries(8):
        client.get(case.get_absolute_url())


# Why ------------------------------------------------------------------------------------------


def why(client: Client, case: Petition, clock: Clock, **headers: str) -> Any:
    return client.get(reverse("clock", args=[case.number, clock.pk]), headers=headers)


def said(response: Any) -> str:
    """All lines of the arithmetic."""
    return "\n".join(str(line) for line in response.context["lines"])


def test_why_names_start_length_and_basis(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.dispatcher)

    shown = text(why(client, case, case.clocks.get(term="HANDLING")))

    assert "第三十四条" in shown
    assert "60" in shown
    assert "2026年11月23日" in shown


def test_why_tells_of_a_recalculation_from_when_to_when(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    clock = case.clocks.get(term="HANDLING")
    change = RuleChange.objects.create(
        kind=RuleChange.Kind.CALENDAR, basis="国办发明电〔2026〕7号", made_at=now, year=2027
    )
    ClockMove.objects.create(
        change=change, clock=clock, old_due=now + timedelta(days=60), new_due=clock.due_at, at=now
    )
    client.force_login(cast.dispatcher)

    shown = text(why(client, case, clock))

    assert "国办发明电〔2026〕7号" in shown
    assert "2027年1月22日" in shown


def test_why_names_each_skipped_day(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.DISPATCHED, cast, now)
    client.force_login(cast.dispatcher)

    shown = text(why(client, case, case.clocks.get(term="OBJECTION")))

    assert "2026年11月28日 周六" in shown
    assert "2026年11月29日 周日" in shown


def test_why_says_loudly_that_a_year_is_not_loaded(
    client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.dispatcher)

    response = why(client, case, case.clocks.get(term="HANDLING"))

    first = response.context["lines"][0]
    assert first.loud
    assert "2027" in str(first)


def test_why_names_extension_and_who_approved(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now, "extend")
    client.force_login(cast.dispatcher)

    lines = said(why(client, case, case.clocks.get(term="HANDLING")))

    assert "20" in lines
    assert cast.head.name in lines


def test_why_of_case_of_others_is_not_there(client: Client, cast: Cast, now: datetime) -> None:
    case = new_case(cast, now)
    client.force_login(cast.stranger)

    assert why(client, case, case.clocks.get(term="DISPATCH")).status_code == 404


def test_why_of_clock_of_another_case_is_not_there(
    client: Client, cast: Cast, now: datetime
) -> None:
    case, other = new_case(cast, now), new_case(cast, now)
    client.force_login(cast.clerk)

    assert why(client, case, other.clocks.get(term="DISPATCH")).status_code == 404


def test_why_of_paused_clock_names_the_pause(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.DISPATCHED, cast, now)
    later = now + timedelta(hours=3)
    case = drive(case, "object", cast=cast, now=now)
    reject = {"actor": cast.actor("dispatcher", later), "now": later, "reason": "首接负责"}
    engine.perform(case.pk, "reject_objection", **reject)
    client.force_login(cast.dispatcher)

    lines = said(why(client, case, case.clocks.get(term="SIGN")))

    assert "12:00" in lines
