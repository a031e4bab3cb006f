"""Who answers for a case now: on its page, over the API, to the petitioner, in the notices."""

from datetime import datetime
from typing import Any

from django.test import Client

from agents.directory import Directory
from petitions.progress import tell
from petitions.proposals import candidates
from tests.cast import Cast
from tests.driving import new_case, reach
from tests.factories import AbsenceFactory, CadreFactory, ChargeFactory
from workflow import engine
from workflow.notices import recipients
from workflow.steps import State


def names(client: Client, case: Any) -> list[str]:
    """Those whom the case's page names as involved, in order."""
    return [one.name for one in client.get(case.get_absolute_url()).context["file"].people]


def test_page_names_who_answers_where_the_handler_can_not(
    cast: Cast, now: datetime, client: Client
) -> None:
    case = reach(State.HANDLING, cast, now)
    client.force_login(cast.clerk)
    before = names(client, case)
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)

    found = names(client, case)

    assert found == [*before[:2], "代班人", *before[2:]]


def test_page_of_a_case_nobody_handles_yet_names_the_office_s_head(
    cast: Cast, now: datetime, client: Client
) -> None:
    client.force_login(cast.clerk)

    assert names(client, new_case(cast, now))[2] == "信访办主任"


def test_notice_to_a_handler_with_nobody_in_their_place_reaches_the_head(
    cast: Cast, now: datetime
) -> None:
    case = reach(State.HANDLING, cast, now)
    AbsenceFactory(cadre=cast.handler, stand_in=cast.stand_in)
    AbsenceFactory(cadre=cast.stand_in, stand_in=cast.handler)
    engine.attach([case], cast.actor("supervisor", now), now)

    assert cast.head.pk in recipients("sent_back", case)


def test_petitioner_is_told_who_answers_now(cast: Cast, now: datetime) -> None:
    case = reach(State.HANDLING, cast, now)
    AbsenceFactory(cadre=cast.agent, stand_in=cast.stand_in)

    assert tell(case, now, Directory.current()).contact["name"] == "代某"


def test_proposals_look_for_the_language_that_is_needed(cast: Cast, now: datetime) -> None:
    signing = CadreFactory(unit=cast.unit["community"], languages=["csl"])
    ChargeFactory(unit=cast.unit["community"], cadre=cast.handler)
    ChargeFactory(unit=cast.unit["community"], cadre=signing)
    case = new_case(cast, now, language_needed="csl")

    assert candidates(case, now, Directory.current())[0].cadre_id == signing.pk


def test_proposals_count_the_load_of_all_who_are_equal(cast: Cast, now: datetime) -> None:
    reach(State.HANDLING, cast, now)
    unit = cast.unit["community"]
    ChargeFactory(unit=unit, cadre=cast.handler)
    free = [ChargeFactory(unit=unit, cadre=CadreFactory(unit=unit)).cadre_id for _n in range(6)]

    found = candidates(new_case(cast, now), now, Directory.current())

    assert [one.cadre_id for one in found] == free[:5]
