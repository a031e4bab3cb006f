"""Why somebody is proposed: whole sentences, so that a translator can turn them round."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from agents.directory import ChargeInfo
from agents.languages import Language
from agents.question import Question


def _written_reason(question: Question, charge: ChargeInfo, cadre_id: int, acting: int) -> str:
    said = [_why(question, charge, cadre_id, acting)]
    if question.language in question.directory.cadres[acting].languages:
        said.append(_speaks(question.language))
    said.append(load_sentence(question.load.get(acting, 0)))
    return "".join(map(str, said))


reason = lazy(_written_reason, str)
"""Why the charge leads to `acting`: by themselves, or for `cadre_id`, who is away. Of all who come
into question few are shown: the sentence is made when somebody reads it.
"""


def _why(question: Question, charge: ChargeInfo, cadre_id: int, acting: int) -> Any:
    directory = question.directory
    words = {
        "cadre": directory.cadres[cadre_id].name,
        "acting": directory.cadres[acting].name,
        "unit": directory.units[charge.unit_id].name,
        "team": directory.teams[charge.team_id].name if charge.team_id else "",
        "matters": _matters(charge),
        "since": _day(charge.valid_from),
    }
    absence = directory.absence(cadre_id, question.on)
    if absence is not None and acting != cadre_id:
        words["until"] = _day(absence.ends_on)
        # Translators: {unit}{cadre}自{since}起分管{matters}，外出至{until}，由{acting}代理职责。
        return format_lazy(
            _(
                "{acting} stands in for {cadre} of {unit}, who is in charge of {matters} "
                "and away until {until}."
            ),
            **words,
        )
    if charge.team_id is not None:
        return _why_of_team(question, charge, cadre_id, words)
    if charge.cadre_id == cadre_id:
        # Translators: {unit}{cadre}自{since}起分管{matters}。
        return format_lazy(_("{cadre} of {unit} is in charge of {matters} since {since}."), **words)
    if charge.cadre_id is not None:
        # Translators: {unit}分管{matters}的干部不能承办，由单位负责人{cadre}承办。
        return format_lazy(
            _(
                "{unit} is in charge of {matters}; the cadre named for it cannot take this, "
                "so it falls to its head, {cadre}."
            ),
            **words,
        )
    # Translators: {matters}由{unit}负责，未指定干部，由单位负责人{cadre}承办。
    return format_lazy(
        _("{unit} is in charge of {matters} and names no cadre for it: its head, {cadre}."), **words
    )


def _why_of_team(
    question: Question, charge: ChargeInfo, cadre_id: int, words: dict[str, Any]
) -> Any:
    members = question.directory.teams[charge.team_id or 0].on(question.on)
    if cadre_id not in {member.cadre_id for member in members}:
        # Translators: {matters}由{unit}的{team}负责，组内无人能承办，由单位负责人{cadre}承办。
        return format_lazy(
            _(
                "The team {team} of {unit} is in charge of {matters}; none of it can take this, "
                "so it falls to the unit's head, {cadre}."
            ),
            **words,
        )
    lead = next((member.cadre_id for member in members if member.is_lead), None)
    if lead == cadre_id:
        # Translators: {cadre}是{unit}{team}的组长，该组自{since}起负责{matters}。
        return format_lazy(
            _("{cadre} leads the team {team} of {unit}, in charge of {matters} since {since}."),
            **words,
        )
    if lead is not None and question.can_take(lead):
        words["lead"] = question.directory.cadres[lead].name
        # Translators: {cadre}是{unit}{team}的成员，该组自{since}起负责{matters}，组长是{lead}。
        return format_lazy(
            _(
                "{cadre} belongs to the team {team} of {unit}, in charge of {matters} since "
                "{since}; {lead} leads it."
            ),
            **words,
        )
    # Translators: {cadre}是{unit}{team}的成员，该组自{since}起负责{matters}，组长不能承办。
    return format_lazy(
        _(
            "{cadre} belongs to the team {team} of {unit}, in charge of {matters} since {since}; "
            "no lead of it can take this."
        ),
        **words,
    )


def _written(day: date) -> str:
    # Translators: Y年n月j日
    return date_format(day, pgettext("format of a date", "j M Y"))


_day = lazy(_written, str)
"""A day in the language of whoever reads the sentence."""


def _matters(charge: ChargeInfo) -> Any:
    words = {"category": charge.category, "area": charge.area}
    if charge.category and charge.area:
        # Translators: {area}的“{category}”事项
        return format_lazy(_("“{category}” in {area}"), **words)
    if charge.category:
        # Translators: 各处的“{category}”事项
        return format_lazy(_("“{category}” everywhere"), **words)
    if charge.area:
        # Translators: {area}的全部事项
        return format_lazy(_("all matters in {area}"), **words)
    # Translators: 全部事项
    return _("all matters")


def load_sentence(load: int) -> Any:
    """How many open cases somebody has now."""
    # Translators: 现有在办 {load} 件。
    return format_lazy(_(" Open cases now: {load}."), load=load)


def _speaks(code: str) -> Any:
    # Translators: 会{language}。
    return format_lazy(_(" Speaks {language}."), language=Language(code).label)


def caught(unit: str, cadre: str | None) -> Any:
    """Why the unit of last resort is proposed, and who of it."""
    if cadre is None:
        # Translators: 无单位分管，由{unit}兜底；该单位尚无可承办的干部，请另行指定。
        return format_lazy(
            _(
                "Nobody is in charge of this: {unit} takes it as the last resort. "
                "No cadre of it can take this now: choose one."
            ),
            unit=unit,
        )
    # Translators: 无单位分管，由{unit}兜底，{cadre}承办。
    return format_lazy(
        _("Nobody is in charge of this: {cadre} of {unit} takes it as the last resort."),
        unit=unit,
        cadre=cadre,
    )
