"""One person, one record."""

from dataclasses import replace

import pytest
from django.db import connection

from petitions.models import Petitioner
from petitions.people import PersonData, _Known, clean_person, find_or_create

pytestmark = pytest.mark.django_db

RESIDENT = Petitioner.IdType.RESIDENT
WANG = PersonData(name="王建国", phone="13812345678")
WITH_PAPER = replace(WANG, id_type=RESIDENT, id_number="11010519491231002X")


def store(*people: PersonData, now, **options) -> list[Petitioner]:
    cleaned = [clean_person(one, on=now.date()) for one in people]
    return find_or_create(cleaned, **options)


def test_clean_person_resident_id_tells_birth_year_and_sex(now):
    person = clean_person(WITH_PAPER, on=now.date())

    assert (person.birth_year, person.sex) == (1949, "F")


def test_find_or_create_same_paper_and_name_is_one_person_with_another_phone(now):
    [first] = store(WITH_PAPER, now=now)
    [again] = store(replace(WITH_PAPER, phone="13900000000"), now=now)

    assert again.pk == first.pk
    assert Petitioner.objects.get().phone == "13900000000"


def test_find_or_create_same_name_and_phone_learns_the_paper(now):
    store(WANG, now=now)
    store(WITH_PAPER, now=now)

    person = Petitioner.objects.get()
    assert person.id_number == "11010519491231002X"
    assert person.id_index


def test_find_or_create_same_name_and_phone_other_paper_is_another_person(now):
    other = replace(WITH_PAPER, id_type=Petitioner.IdType.PASSPORT, id_number="E12345678")
    store(WITH_PAPER, now=now)
    store(other, now=now)

    assert Petitioner.objects.count() == 2


def test_find_or_create_same_paper_other_name_is_kept_apart(now):
    store(WITH_PAPER, replace(WITH_PAPER, name="李四"), now=now)

    assert Petitioner.objects.count() == 2


def test_find_or_create_name_alone_is_nobody_known(now):
    store(PersonData(name="王伟"), PersonData(name="王伟"), now=now)

    assert Petitioner.objects.count() == 2


def test_find_or_create_anonymous_are_never_one(now):
    anonymous = PersonData(is_anonymous=True, phone="13812345678")
    store(anonymous, anonymous, now=now)

    assert Petitioner.objects.count() == 2


def test_find_or_create_many_rows_of_one_person_make_one_record(now):
    found = store(WANG, PersonData(name="李四"), WANG, now=now)

    assert found[0].pk == found[2].pk != found[1].pk


def test_find_or_create_empty_contact_never_erases(now):
    store(replace(WITH_PAPER, address="古城街道1号"), now=now)
    store(WITH_PAPER, now=now)

    assert Petitioner.objects.get().address == "古城街道1号"


def test_find_or_create_somebody_else_was_first_takes_their_record(now, monkeypatch):
    person = clean_person(WITH_PAPER, on=now.date())
    rival = clean_person(WITH_PAPER, on=now.date())
    strangers = _Known.strangers

    def late(known, people):
        fresh = strangers(known, people)
        if rival._state.adding:
            rival.save()
        return fresh

    monkeypatch.setattr(_Known, "strangers", late)

    assert find_or_create([person])[0].pk == rival.pk


def test_petitioner_is_unreadable_in_the_database(now):
    store(replace(WITH_PAPER, address="古城街道1号"), now=now)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM petitions_petitioner")
        stored = str(cursor.fetchall())
    for plain in ("王建国", "13812345678", "11010519491231002X", "古城"):
        assert plain not in stored


def test_petitioner_masked_for_lists(now):
    [person] = store(replace(WITH_PAPER, address="古城街道南路社区1号"), now=now)

    assert person.name_masked == "王*国"
    assert person.id_masked == "110105********002X"
    assert person.phone_masked == "138****5678"
    assert person.address_masked == "古城街道南路社区**"
    assert str(person) == "王*国"


def test_petitioner_saving_one_field_keeps_its_index_true(now):
    [person] = store(WANG, now=now)
    before = person.phone_index
    person.phone = "13900000000"
    person.save(update_fields=["phone"])

    assert Petitioner.objects.get().phone_index != before
