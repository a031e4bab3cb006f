"""Agency stations: each kind serves its own level of places."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from agents.models import Station
from tests.factories import StationFactory, UnitFactory, make_street

pytestmark = pytest.mark.django_db


def test_station_of_a_street_is_sound() -> None:
    station = StationFactory(area=make_street())

    station.full_clean()


def test_station_of_another_level_than_its_area_is_refused() -> None:
    station = StationFactory(kind=Station.Kind.CENTRE, area=make_street())

    with pytest.raises(ValidationError) as error:
        station.full_clean()

    assert list(error.value.message_dict) == ["area"]


def test_station_in_use_of_a_dissolved_unit_is_refused() -> None:
    station = StationFactory(area=make_street(), unit=UnitFactory(is_active=False))

    with pytest.raises(ValidationError) as error:
        station.full_clean()

    assert list(error.value.message_dict) == ["unit"]


def test_stations_in_use_are_listed_for_everybody(client: Client) -> None:
    street = make_street()
    StationFactory(area=street, name="古城街道代理站", phone="010-88600001")
    StationFactory(area=street, name="旧代理站", is_active=False)

    page = client.get("/stations/").content.decode()

    assert "古城街道代理站" in page
    assert "010-88600001" in page
    assert "旧代理站" not in page
