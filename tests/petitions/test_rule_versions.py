"""New versions of a rule: shown before they are stored, for new terms or for open ones, too."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from tests.driving import drive, new_case
from workflow import watch
from workflow.calendar import Derivation
from workflow.models import Clock, RuleChange, TermRule
from workflow.recalculation import SETTLE, go_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies["xinfang_language"] = "en"


@pytest.fixture
def keeper(cast, client):
    client.force_login(cast.secadmin)
    return client


def rule_of(term, urgency=""):
    return TermRule.objects.get(term=term, urgency=urgency, watch=None, valid_to=None)


def entered(rule, **changes):
    """The form as it stands, with changes."""
    lines = "\n".join(f"{rung['at']} {', '.join(rung['tell'])}" for rung in rule.ladder)
    said = {
        "valid_from": "2026-11-23", "length": rule.length, "unit": rule.unit,
        "basis": rule.basis, "basis_en": rule.basis_en, "ladder": lines,
        "yellow_before": rule.yellow_before, "black_after": rule.black_after,
        "extendable_days": rule.extendable_days, "ground": "办公会议定",
    }  # fmt: skip
    flags = {name: "on" for name in ("roll", "owed", "at_any_hour") if getattr(rule, name)}
    return {**said, **flags, **changes}


def store(keeper, rule, data):
    address = reverse("rule_version", args=[rule.pk])
    looked = keeper.post(address, data).context["looked"]
    return keeper.post(address, {**data, "looked": looked, "apply": "1"})


def test_version_page_shows_the_rule_as_it_is(keeper, now):
    rule = rule_of("HANDLING")

    page = keeper.get(reverse("rule_version", args=[rule.pk]))

    assert page.status_code == 200
    assert page.context["form"]["length"].value() == 60


def test_version_page_is_the_security_administrators_alone(cast, client, now):
    client.force_login(cast.sysadmin)

    assert client.get(reverse("rule_version", args=[rule_of("SIGN").pk])).status_code == 403


def test_version_page_preview_counts_what_would_move(cast, keeper, now):
    drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    rule = rule_of("OBJECTION")

    page = keeper.post(reverse("rule_version", args=[rule.pk]), entered(rule, length=7))

    assert page.status_code == 200
    assert page.context["impact"].by_term == [("OBJECTION", 0, 1)]
    assert TermRule.objects.filter(term="OBJECTION").count() == 1


def test_version_stored_holds_for_new_terms_and_leaves_open_ones(cast, keeper, now):
    old = drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    due = Clock.objects.get(case=old, term="OBJECTION").due_at

    store(keeper, rule_of("OBJECTION"), entered(rule_of("OBJECTION"), length=7))
    go_on(now + SETTLE)

    fresh = drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    assert Clock.objects.get(case=old, term="OBJECTION").due_at == due
    assert Clock.objects.get(case=fresh, term="OBJECTION").due_at == due + timedelta(days=2)
    assert RuleChange.objects.get().stage == "NONE"


def test_version_stored_ends_the_former_the_day_before(keeper, now):
    former = rule_of("OBJECTION")
    store(keeper, former, entered(former, length=7, valid_from="2026-12-01"))

    former.refresh_from_db()
    assert former.valid_to == date(2026, 11, 30)
    assert rule_of("OBJECTION").length == 7


def test_version_applied_to_open_terms_moves_them(cast, keeper, now):
    case = drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    due = Clock.objects.get(case=case, term="OBJECTION").due_at

    store(keeper, rule_of("OBJECTION"), entered(rule_of("OBJECTION"), length=7, to_open="on"))
    go_on(now + SETTLE)

    clock = Clock.objects.get(case=case, term="OBJECTION")
    assert clock.due_at == due + timedelta(days=2)
    assert clock.rule == rule_of("OBJECTION")
    assert Derivation.from_json(clock.derivation).replay() == clock.due_at
    assert RuleChange.objects.get().moved == 1


def test_version_in_hours_applied_to_open_terms_moves_them(cast, keeper, now):
    case = drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    rule = rule_of("SIGN")

    store(keeper, rule, entered(rule, length=48, to_open="on"))
    go_on(now + SETTLE)

    case.refresh_from_db()
    assert Clock.objects.get(case=case, term="SIGN").due_at == now + timedelta(hours=48)
    assert (case.due_at, case.due_term) == (now + timedelta(hours=48), "SIGN")


def test_version_of_a_level_moves_the_cases_of_that_level_only(cast, keeper, now):
    calm = drive(new_case(cast, now), "dispatch", cast=cast, now=now)
    urgent = drive(new_case(cast, now, urgency="URGENT"), "dispatch", cast=cast, now=now)
    rule = rule_of("SIGN", "URGENT")

    store(keeper, rule, entered(rule, length=3, to_open="on"))
    go_on(now + SETTLE)

    assert Clock.objects.get(case=urgent, term="SIGN").due_at == now + timedelta(hours=3)
    assert Clock.objects.get(case=calm, term="SIGN").due_at == now + timedelta(hours=24)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": "2022-05-01"}, "valid_from"),
        ({"valid_from": "2021-01-01"}, "valid_from"),
        ({"length": "0"}, "length"),
        ({"length": "2"}, "ladder"),
        ({"ladder": "half handler"}, "ladder"),
        ({"ladder": "0 nobody_known"}, "ladder"),
        ({"ladder": "0 handler\n50% handler"}, "ladder"),
        ({"yellow_before": "soon"}, "yellow_before"),
        ({"basis": ""}, "basis"),
        ({"ground": ""}, "ground"),
        ({"unit": "date"}, "unit"),
        ({"to_open": "on", "valid_from": "2026-12-01"}, "to_open"),
    ],
)
def test_version_page_bad_entry_is_told_at_its_field(keeper, now, changes, field):
    rule = rule_of("DISPATCH")

    page = keeper.post(reverse("rule_version", args=[rule.pk]), entered(rule, **changes))

    assert page.status_code == 400
    assert field in page.context["form"].errors
    assert TermRule.objects.filter(term="DISPATCH", urgency="").count() == 1


def test_version_page_other_entry_than_was_shown_is_not_stored(keeper, now):
    rule = rule_of("OBJECTION")
    address = reverse("rule_version", args=[rule.pk])
    looked = keeper.post(address, entered(rule, length=7)).context["looked"]

    page = keeper.post(address, entered(rule, length=8, looked=looked, apply="1"))

    assert page.status_code == 409
    assert RuleChange.objects.count() == 0


def test_version_of_a_date_on_the_sheet_keeps_its_unit(keeper, now):
    rule = rule_of("FEEDBACK")

    answer = store(keeper, rule, entered(rule, black_after="9d"))

    assert answer.status_code == 302
    assert rule_of("FEEDBACK").unit == "date"


def test_version_page_names_audiences_in_the_readers_language_and_takes_them_so(keeper, now):
    keeper.cookies["xinfang_language"] = "zh-hans"
    rule = rule_of("HANDLING")
    address = reverse("rule_version", args=[rule.pk])
    shown = keeper.get(address).context["form"]
    with translation.override("zh-hans"):
        lines = shown.fields["ladder"].prepare_value(rule.ladder)

    store(keeper, rule, entered(rule, ladder=lines))

    assert "承办人" in lines
    assert rule_of("HANDLING").ladder == rule.ladder


def test_version_page_of_a_watch_periods_rule_is_not_there(cast, keeper, now):
    rule = rule_of("SIGN")
    period = watch.set_period(
        name="两会", starts_on=now.date(), ends_on=now.date(), unit_ids=[],
        report_by=time(17), lengths={rule: 12}, by=cast.leader, now=now,
    )  # fmt: skip
    own = TermRule.objects.get(watch=period)

    assert keeper.get(reverse("rule_version", args=[own.pk])).status_code == 404


def test_version_applied_to_open_terms_leaves_what_a_watch_period_shortened(cast, keeper, now):
    rule = rule_of("SIGN")
    watch.set_period(
        name="两会", starts_on=now.date(), ends_on=now.date(), unit_ids=[cast.unit["root"].pk],
        report_by=time(17), lengths={rule: 12}, by=cast.leader, now=now,
    )  # fmt: skip
    case = drive(new_case(cast, now), "dispatch", cast=cast, now=now)

    store(keeper, rule, entered(rule, length=48, to_open="on"))
    go_on(now + SETTLE)

    assert Clock.objects.get(case=case, term="SIGN").due_at == now + timedelta(hours=12)
    assert RuleChange.objects.get().moved == 0
