"""Collecting the texts to translate."""

import ast
import importlib.machinery
import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType

import pytest

COMMAND = Path(__file__).resolve().parents[2] / "bin" / "messages"
CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
# Translators: 中文
A = _("Closed")
B = ngettext("%(n)s case", "%(n)s cases", 2)
C = pgettext("month", "May")
"""
PAGE = """{% load i18n %}
<p title="{% translate "It's due" %}">
    {% blocktranslate count n=cases|length trimmed %}
      {{ n }} case
        {% plural %}
      {{ n }} cases
    {% endblocktranslate %}
  {{ name|default:_("nobody") }} {% translate "May" context "month" %}
"""


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The command as a module, at work in a folder with one file of code and one page."""
    monkeypatch.setattr(sys, "argv", ["messages", "--compile"])
    loader = importlib.machinery.SourceFileLoader("messages_command", str(COMMAND))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "REWORDED", [])
    for name, text in {"agents/roles.py": CODE, "templates/list.html": PAGE}.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return module


def translate(module: ModuleType, text: str, translated: str) -> None:
    path = module.po_path("zh_Hans")
    found = f'msgid "{text}"\nmsgstr ""'
    content = path.read_text(encoding="utf-8")
    assert found in content
    path.write_text(content.replace(found, f'msgid "{text}"\nmsgstr "{translated}"'), "utf-8")


def test_sentences_of_django_that_we_reword_are_collected(
    messages: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "REWORDED", ["This field is required."])

    assert "This field is required." in {message.id for message in messages.collected()}


def test_no_text_hides_in_an_f_string_where_it_is_not_collected() -> None:
    calls = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}
    hidden = [
        f"{path}:{node.lineno}"
        for app in ("agents", "config", "petitions", "workflow")
        for path in sorted((COMMAND.parents[1] / app).rglob("*.py"))
        for string in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for node in ast.walk(string)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in calls
    ]
    assert hidden == []


def test_texts_of_code_and_pages_are_collected(messages: ModuleType) -> None:
    ids = {message.id for message in messages.collected() if message.id}

    assert ids == {
        "Closed",
        ("%(n)s case", "%(n)s cases"),
        "May",
        "It's due",
        "nobody",
    }


def test_update_keeps_translations_and_writes_no_dates(messages: ModuleType) -> None:
    messages.update()
    translate(messages, "Closed", "已办结")
    before = messages.po_path("zh_Hans").read_bytes()

    messages.update()

    assert messages.po_path("zh_Hans").read_bytes() == before
    assert b"Date" not in before
    assert str(messages.ROOT).encode() not in before


def test_check_names_what_is_not_translated(
    messages: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.update()
    translate(messages, "Closed", "已办结")

    assert messages.check() == 1
    report = capsys.readouterr().out
    assert "empty: 'nobody' (templates/list.html)" in report
    assert "'Closed'" not in report


def test_check_finds_lost_placeholders(
    messages: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.update()
    path = messages.po_path("zh_Hans")
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace('msgstr[0] ""', 'msgstr[0] "若干件"'), encoding="utf-8")

    messages.check()

    assert "other placeholders" in capsys.readouterr().out


def test_compiled_translations_are_read_back(messages: ModuleType) -> None:
    messages.update()
    translate(messages, "Closed", "已办结")

    messages.compile_all()

    compiled = io.BytesIO(messages.po_path("zh_Hans").with_suffix(".mo").read_bytes())
    assert "已办结".encode() in compiled.getvalue()
