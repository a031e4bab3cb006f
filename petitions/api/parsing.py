"""How a JSON body is read: of bounded size and depth. A module of its own, like authentication."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 20
"""Levels of lists and objects; no form has more than three."""


class BoundedJSON(JSONParser):
    """JSON that can be stored: UTF-8 without halves of characters, not endless, not bottomless."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """The value in the body."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise RequestDataTooBig("JSON body")
        try:
            value = json.loads(codecs.decode(raw, "utf-8"))
        except (ValueError, RecursionError) as error:
            # Translators: 请求正文不是有效的 JSON。
            raise ParseError(_("The body can't be read as JSON.")) from error
        _refuse_unwritable(value)
        return value


def _refuse_unwritable(value: Any) -> None:
    """JSON can spell halves of characters, and nest more deeply than anybody reads."""
    waiting = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, str) and any("\ud800" <= sign <= "\udfff" for sign in one):
            # Translators: 请求正文含有无法保存的字符。
            raise ParseError(_("The body holds characters that are not text."))
        if isinstance(one, (Mapping, list)):
            if depth > DEEPEST:
                # Translators: 请求正文嵌套层次过多。
                raise ParseError(_("The body is nested too deeply."))
            inner = [*one, *one.values()] if isinstance(one, Mapping) else one
            waiting += [(part, depth + 1) for part in inner]
