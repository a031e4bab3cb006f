"""What changed since somebody last looked: on the case's page and on their home."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.directory import Directory
from petitions.looks import changed, note
from petitions.models import Look, Petition
from tests.cast import Cast
from tests.driving import drive, new_case, reach
from workflow.models import Event
from workflow.steps import State

pytestmark = pytest.mark.django_db


def look(client: Client, case: Petition, by: Any) -> Any:
    client.force_login(by)
    return client.get(case.get_absolute_url())


def note_seen(client: Client, response: Any, case: Petition) -> Any:
    """As the page does once it was shown."""
    sent = {"event": response.context["unseen"]}
    return client.post(reverse("looked", args=[case.number]), sent)


def see(client: Client, case: Petition, by: Any) -> None:
    note_seen(client, look(client, case, by), case)


def news_of(cast: Cast, who: str, now: datetime) -> list[Any]:
    cases = Petition.objects.visible_to(cast.people[who], now)
    return changed(cases, cast.people[who].pk, now, Directory.current())


# The case -------------------------------------------------------------------------------------


def test_first_look_tells_nothing(client: Client, cast: Cast, now: datetime) -> None:
    assert look(client, reach(State.SIGNED, cast, now), cast.head).context["news"] == []


def test_later_look_tells_what_others_did(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    see(client, case, cast.handler)
    drive(case, "extend", cast=cast, now=now)

    response = look(client, case, cast.handler)

    [line] = response.context["news"]
    assert (line.who, "20" in line.what) == (cast.head.name, True)
    assert line.what in response.content.decode()


def test_later_look_leaves_out_own_steps(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    see(client, case, cast.head)
    drive(case, "extend", cast=cast, now=now)

    assert look(client, case, cast.head).context["news"] == []


def test_seen_is_told_once(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    see(client, case, cast.handler)
    drive(case, "extend", cast=cast, now=now)
    see(client, case, cast.handler)

    response = look(client, case, cast.handler)

    assert (response.context["news"], response.context["unseen"]) == ([], None)


def test_looking_by_itself_writes_nothing(client: Client, cast: Cast, now: datetime) -> None:
    look(client, reach(State.SIGNED, cast, now), cast.head)

    assert not Look.objects.exists()


def test_note_of_an_unseen_case_is_not_there(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.SIGNED, cast, now)
    client.force_login(cast.stranger)

    answer = client.post(reverse("looked", args=[case.number]), {"event": "1"})

    assert (answer.status_code, Look.objects.count()) == (404, 0)


@pytest.mark.parametrize("sent", [{}, {"event": "x"}, {"event": "-1"}, {"event": "9" * 40}])
def test_note_of_nonsense_does_no_harm(
    sent: dict[str, str], client: Client, cast: Cast, now: datetime
) -> None:
    case = reach(State.SIGNED, cast, now)
    client.force_login(cast.head)

    assert client.post(reverse("looked", args=[case.number]), sent).status_code == 302


def test_case_of_a_former_look_costs_the_same(
    client: Client, cast: Cast, now: datetime, django_assert_num_queries: Any
) -> None:
    case = reach(State.HANDLING, cast, now)
    look(client, case, cast.handler)
    with django_assert_num_queries(6):
        look_again(client, case)
    see(client, case, cast.handler)
    drive(case, "extend", cast=cast, now=now)

    with django_assert_num_queries(6):
        look_again(client, case)


def look_again(client: Client, case: Petition) -> None:
    client.get(case.get_absolute_url())


# The home -------------------------------------------------------------------------------------


def test_home_tells_what_others_did(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    see(client, case, cast.handler)
    drive(case, "log_contact", "extend", cast=cast, now=now)

    response = client.get(reverse("home"))

    [one] = response.context["changes"]
    assert (one.case, [line.who for line in one.lines]) == (case, [cast.head.name, cast.agent.name])
    assert case.number in response.content.decode()


def test_home_tells_nothing_of_cases_never_looked_at(cast: Cast, now: datetime) -> None:
    reach(State.HANDLING, cast, now)

    assert news_of(cast, "handler", now) == []


def test_home_tells_nothing_of_cases_out_of_sight(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    note(cast.stranger.pk, case.pk, 0, now)

    assert news_of(cast, "stranger", now) == []


def test_home_tells_nobody_of_a_sealed_case(cast: Cast, now: datetime) -> None:
    case = new_case(cast, now, "accusation")
    for who in ("clerk", "dispatcher", "leader", "liaison"):
        note(cast.people[who].pk, case.pk, 0, now)

    told = [who for who in ("clerk", "dispatcher", "leader", "liaison") if news_of(cast, who, now)]
    assert told == ["liaison"]


def test_home_forgets_cases_not_looked_at_for_long(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    note(cast.handler.pk, case.pk, 0, now - timedelta(days=61))

    assert news_of(cast, "handler", now) == []


def test_marking_all_as_seen_clears_the_home(client: Client, cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    note(cast.handler.pk, case.pk, 0, now)
    client.force_login(cast.handler)
    newest = client.get(reverse("home")).context["newest_change"]

    client.post(reverse("looked_all"), {"event": newest})

    assert news_of(cast, "handler", now) == []


def test_noting_twice_keeps_one_row(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    for event in (1, 5):
        note(cast.handler.pk, case.pk, event, now)

    assert list(Look.objects.values_list("event", flat=True)) == [5]


def test_changes_cost_one_query(cast: Cast, now: datetime, django_assert_num_queries: Any) -> None:
    for _ in range(4):
        case = reach(State.HANDLING, cast, now)
        note(cast.dispatcher.pk, case.pk, 0, now)
    directory = Directory.current()
    cases = Petition.objects.visible_to(cast.dispatcher, now, directory)

    with django_assert_num_queries(1):
        found = changed(cases, cast.dispatcher.pk, now, directory)

    assert len(found) == 4
    assert Event.objects.count() >= 20


def test_home_costs_the_same_with_news_of_many(
    client: Client, cast: Cast, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client.force_login(cast.agent)
    client.get(reverse("home"))
    counts = []
    for more in (1, 4):
        for _ in range(more):
            note(cast.agent.pk, reach(State.HANDLING, cast, now).pk, 0, now)
        with django_assert_max_num_queries(40) as queries:
            client.get(reverse("home"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
