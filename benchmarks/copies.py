"""The tables that are cloned, and the SQL that makes a clone of a history out of its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from agents.models import Area, Cadre, Category, Unit
from benchmarks.places import PLACES
from petitions.models import Petition, Petitioner
from workflow.models import Clock, Document, Event
from workflow.steps import OPEN_STATES

SCHEMA = "cloning"
"""Where the histories in every place and all mappings lie meanwhile."""
TURNED: dict[type[models.Model], str] = {
    Unit: "unit", Cadre: "cadre", Area: "area", Category: "category",
}  # fmt: skip
SHIFT = "(CASE WHEN v.case_open THEN c.open_shift ELSE c.ended_shift END)"
FOREVER = "timestamptz '9999-01-01 00:00+00'"


def cloned_models() -> list[type[models.Model]]:
    """The petitioners, and whatever belongs to a case, directly or through another of them."""
    found: list[type[models.Model]] = [Petitioner, Petition]
    candidates = [
        m for label in ("petitions", "workflow") for m in apps.get_app_config(label).get_models()
    ]
    while more := [m for m in candidates if m not in found and _belongs(m, found[1:])]:
        found += more
    return found


def _belongs(model: type[models.Model], cases: Sequence[type[models.Model]]) -> bool:
    return any(field.related_model in cases for field in model._meta.concrete_fields)


def way_to_case(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The foreign keys that lead from a row of `model` to its case, the shortest way."""
    ways: list[tuple[type[models.Model], list[Any]]] = [(model, [])]
    known = set(cloned_models())
    for here, way in ways:
        if here is Petition:
            return way
        for field in here._meta.concrete_fields:
            if field.related_model in known and field.related_model is not Petitioner:
                ways.append((field.related_model, [*way, field]))
    raise LookupError(f"{model.__name__} belongs to no case")


@dataclass(frozen=True)
class Table:
    """One table that is cloned. `stride`: by how much a clone's ids lie above the one before."""

    model: type[models.Model]
    stride: int
    strides: dict[type[models.Model], int]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        return [str(field.column) for field in self.model._meta.concrete_fields]

    def variants(self) -> str:
        """The histories in every place: units and people turned; whether the case is open."""
        joins, case = self._to_case()
        columns, turns = [], []
        for field in self.model._meta.concrete_fields:
            kind = TURNED.get(field.related_model) if field.is_relation else None  # type: ignore[arg-type]
            expression = f't."{field.column}"'
            if kind or (self.model is Event and field.name in ("actor_id", "in_name_of")):
                alias = f"turn_{field.column}"
                turns.append(_turn_join(kind or "cadre", alias, expression))
                expression = f"coalesce({alias}.new, {expression})"
                if self.model is Event:
                    stored = f't."{field.column}"'
                    expression = (
                        f"CASE WHEN t.actor_kind = 'cadre' THEN {expression} ELSE {stored} END"
                    )
            columns.append(f'{self._scope(str(field.column), expression)} AS "{field.column}"')
        if self.model is Petition:
            turns.append(f"LEFT JOIN {SCHEMA}.scope ON scope.id = turn_unit_id.new")
        states = ", ".join(f"'{state}'" for state in sorted(map(str, OPEN_STATES)))
        return (
            f"CREATE UNLOGGED TABLE {SCHEMA}.{self.name} AS SELECT p.place, "
            f"coalesce({case}.state IN ({states}), false) AS case_open, {', '.join(columns)} "
            f"FROM {self.name} t {' '.join(joins)} "
            f"CROSS JOIN generate_series(0, {PLACES - 1}) AS p(place) {' '.join(turns)}"
        )

    def insert(self) -> str:
        """Some clones of every history; %s and %s are the first and the last of them."""
        values = [self._moved(field) for field in self.model._meta.concrete_fields]
        columns = ", ".join(f'"{column}"' for column in self.columns)
        numbers = ""
        if self.model is Petition:
            numbers = f"LEFT JOIN {SCHEMA}.number n ON n.id = v.id + c.k * {self.stride}::bigint"
        return (
            f"INSERT INTO {self.name} ({columns}) SELECT {', '.join(values)} "
            f"FROM {SCHEMA}.clone c JOIN {SCHEMA}.{self.name} v ON v.place = c.place {numbers} "
            "WHERE c.k BETWEEN %s AND %s"
        )

    def _to_case(self) -> tuple[list[str], str]:
        joins, here = [], "t"
        for depth, field in enumerate(way_to_case(self.model)):
            there = f"w{depth}"
            target = field.related_model._meta.db_table  # type: ignore[union-attr]
            joins.append(f'LEFT JOIN {target} {there} ON {there}.id = {here}."{field.column}"')
            here = there
        return joins, here

    def _scope(self, column: str, expression: str) -> str:
        if self.model is Petition and column in ("unit_l1", "unit_l2", "unit_l3"):
            return f"coalesce(scope.{column.removeprefix('unit_')}, {expression})"
        return expression

    def _moved(self, field: models.Field[Any, Any]) -> str:
        value = f'v."{field.column}"'
        if (special := SPECIAL.get((self.model, field.name))) is not None:
            return special(self, value)
        target = field.related_model if field.is_relation else None
        if field.primary_key or target in self.strides:
            stride = self.stride if field.primary_key else self.strides[target]  # type: ignore[index]
            return f"{value} + c.k * {stride}::bigint"
        if isinstance(field, models.DateTimeField):
            return f"{value} - {SHIFT}"
        if isinstance(field, models.DateField):
            return f"({value} - {SHIFT})::date"
        return value


def _turn_join(kind: str, alias: str, column: str) -> str:
    return (
        f"LEFT JOIN {SCHEMA}.{kind} {alias} ON {alias}.place = p.place AND {alias}.old = {column}"
    )


def _due(_table: Table, value: str) -> str:
    return f"CASE WHEN {value} >= {FOREVER} THEN {value} ELSE {value} - {SHIFT} END"


def _next(_table: Table, value: str) -> str:
    """A rung that has gone by was swept: the clock waits for its end, or for nothing."""
    due = f'v."due_at" - {SHIFT}'
    return (
        f"CASE WHEN {value} IS NULL THEN NULL "
        f"WHEN {value} - {SHIFT} > c.made THEN {value} - {SHIFT} WHEN {due} > c.made THEN {due} END"
    )


def _expired(_table: Table, value: str) -> str:
    due = f'v."due_at" - {SHIFT}'
    return (
        f"CASE WHEN {value} IS NULL AND v.closed_at IS NULL AND v.next_at IS NOT NULL "
        f"AND {due} <= c.made THEN {due} ELSE {value} - {SHIFT} END"
    )


def _serial(_table: Table, value: str) -> str:
    return f"{value} + c.k * (SELECT last FROM {SCHEMA}.serial)"


def _document_number(table: Table, value: str) -> str:
    return f"regexp_replace({value}, '\\d+号$', ({_serial(table, 'v.serial')}) || '号')"


SPECIAL: dict[tuple[type[models.Model], str], Callable[[Table, str], str]] = {
    (Petition, "number"): lambda _table, value: f"coalesce(n.number, {value})",
    (Petition, "due_at"): _due,
    (Clock, "next_at"): _next,
    (Clock, "expired_at"): _expired,
    (Document, "serial"): _serial,
    (Document, "number"): _document_number,
}
"""Columns that are not moved like others of their kind."""
