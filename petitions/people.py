"""Finding the person who files among those known, before making a new record of them.

One person filing ten times is one `Petitioner`: by identity number and name, else by name and
telephone. A name alone says nothing. Many at once cost the same few queries as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from agents.models import Area
from petitions import identity
from petitions.models import Petitioner
from workflow.errors import InvalidData
from workflow.writing import insert_many, update_rows

IdType = Petitioner.IdType
NAME_LENGTH = 100
ATTEMPTS = 3
CONTACT_FIELDS = ("phone", "address", "area_id", "sex", "birth_year")
REFRESHED = (*CONTACT_FIELDS, "id_type", "id_number", "id_index", "phone_index")


@dataclass(frozen=True)
class PersonData:
    """A person as typed. Nothing but `is_anonymous` is needed of someone who gives no name."""

    name: str = ""
    id_type: str = IdType.NONE
    id_number: str = ""
    phone: str = ""
    address: str = ""
    area: Area | None = None
    sex: str = ""
    birth_year: int | None = None
    kind: str = Petitioner.Kind.PERSON
    is_anonymous: bool = False


def clean_person(data: PersonData, *, on: date, sealed: bool = False) -> Petitioner:
    """An unsaved record of what was typed; InvalidData names the field that can't stand."""
    person = Petitioner(
        kind=data.kind, area=data.area, is_anonymous=data.is_anonymous, sealed=sealed
    )
    person.address = identity.fold_line(data.address)
    if data.phone.strip():
        person.phone = _checked("phone", identity.clean_phone, data.phone)
    if data.is_anonymous:
        _refuse_names(data)
    else:
        _read_name(person, data)
        _read_paper(person, data, on)
    person.fill_indexes()
    return person


def find_or_create(people: Sequence[Petitioner], *, update: bool = True) -> list[Petitioner]:
    """For each cleaned person the one record of them, in the same order; call it in a transaction.

    `update`: what is newer here (telephone, address) replaces what is on file; records from old
    files never do.
    """
    known = _Known()
    known.look_up(people)
    for attempt in range(1, ATTEMPTS + 1):
        # In one order, so that two files that know the same people never wait for each other.
        fresh = sorted(known.strangers(people), key=lambda one: (one.id_index, one.name_index))
        try:
            with transaction.atomic():
                insert_many(fresh)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
            # Somebody else has just registered one of them: find that record instead.
            for person in fresh:
                person.pk, person._state.adding = None, True
            known.look_up(fresh)
        else:
            known.add(fresh)
            break
    found = [known.find(person) or person for person in people]
    if update:
        _refresh(people, found)
    return found


class _Known:
    """The records on file that can be one of the people looked for."""

    def __init__(self) -> None:
        self._by_paper: dict[tuple[str, str], Petitioner] = {}
        self._by_phone: dict[tuple[str, str], Petitioner] = {}

    def look_up(self, people: Sequence[Petitioner]) -> None:
        """Read, in at most two queries, everyone who shares a number with one of `people`."""
        matched = [person for person in people if can_be_known(person)]
        papers = {person.id_index for person in matched if person.id_index}
        phones = {person.phone_index for person in matched if person.phone_index}
        on_file = Petitioner.objects.filter(sealed=False, is_anonymous=False).order_by("-pk")
        if papers:
            self.add(on_file.filter(id_index__in=papers))
        if phones:
            self.add(on_file.filter(phone_index__in=phones))

    def add(self, people: Iterable[Petitioner]) -> None:
        """Remember records; the oldest of several that look alike wins."""
        for person in people:
            if not can_be_known(person):
                continue
            if person.id_index:
                self._by_paper[person.id_index, person.name_index] = person
            if person.phone_index:
                self._by_phone[person.name_index, person.phone_index] = person

    def find(self, person: Petitioner) -> Petitioner | None:
        """The record of this person, if there is one."""
        if not person._state.adding or not can_be_known(person):
            return None
        if person.id_index and (same := self._by_paper.get((person.id_index, person.name_index))):
            return same
        same = self._by_phone.get((person.name_index, person.phone_index))
        # Father and son may share name and telephone, never the identity number.
        if same and person.id_index and same.id_index not in ("", person.id_index):
            return None
        return same

    def strangers(self, people: Sequence[Petitioner]) -> list[Petitioner]:
        """Those not on file, each once even if they are named in several rows."""
        fresh: list[Petitioner] = []
        batch = _Known()
        for person in people:
            new = person._state.adding and not self.find(person) and not batch.find(person)
            if new:
                fresh.append(person)
                batch.add([person])
        return fresh


def can_be_known(person: Petitioner) -> bool:
    """Whether a record may stand for several filings: never the anonymous, never an accuser's."""
    return not (person.sealed or person.is_anonymous) and bool(person.name_index)


def _refresh(people: Sequence[Petitioner], found: Sequence[Petitioner]) -> None:
    changed = {}
    for person, record in zip(people, found, strict=True):
        if record is not person and _take_over(record, person):
            changed[record.pk] = record
    # In the order of their ids, so that two offices that know the same people never deadlock.
    update_rows([changed[pk] for pk in sorted(changed)], REFRESHED)


def _take_over(record: Petitioner, person: Petitioner) -> bool:
    changed = False
    for name in CONTACT_FIELDS:
        value = getattr(person, name)
        if value and value != getattr(record, name):
            setattr(record, name, value)
            changed = True
    if person.id_number and not record.id_number:
        record.id_type, record.id_number = person.id_type, person.id_number
        changed = True
    record.fill_indexes()
    return changed


def _read_name(person: Petitioner, data: PersonData) -> None:
    person.name = identity.fold_line(data.name)
    if not person.name:
        raise InvalidData("name", _("Enter the name, or mark the petitioner as anonymous."))
    if len(person.name) > NAME_LENGTH:
        raise InvalidData("name", _("A name has at most 100 characters."))


def _read_paper(person: Petitioner, data: PersonData, on: date) -> None:
    person.sex, person.birth_year = data.sex, data.birth_year
    number = data.id_number.strip()
    if bool(number) != (data.id_type != IdType.NONE):
        field = "id_type" if number else "id_number"
        raise InvalidData(field, _("Give the kind of identity paper together with its number."))
    person.id_type = data.id_type
    if data.id_type == IdType.RESIDENT:
        try:
            read = identity.clean_resident_id(number, on=on)
        except ValidationError as error:
            raise InvalidData("id_number", error.messages[0]) from error
        person.id_number, person.sex = read.number, read.sex
        person.birth_year = read.born_on.year
    elif data.id_type == IdType.ACCOUNT:
        # The platform's own spelling: it tells one account from another, it proves no name.
        person.id_number = identity.fold_line(number)
    elif number:
        person.id_number = _checked("id_number", identity.clean_other_id, number)


def _refuse_names(data: PersonData) -> None:
    for field in ("name", "id_number"):
        if getattr(data, field).strip():
            raise InvalidData(
                field, _("An anonymous petitioner has no name and no identity paper.")
            )


def _checked(field: str, clean: Callable[[str], str], text: str) -> str:
    try:
        return clean(text)
    except ValidationError as error:
        raise InvalidData(field, error.messages[0]) from error
