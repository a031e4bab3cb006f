"""Uploads are judged by what is in them."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError

from petitions import files


def package(*names: str, content: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, content)
    return buffer.getvalue()


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(ValidationError) as refused:
        files.check_file(io.BytesIO(content), name)
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (b"%PDF-1.7 ...", "letter.pdf", "application/pdf"),
        (b"\xff\xd8\xff\xe0....", "photo.JPG", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n...", "photo.png", "image/png"),
        (package("word/document.xml"), "letter.docx", files.WORD),
        (package("xl/workbook.xml"), "list.xlsx", files.EXCEL),
        ("您好".encode(), "letter.txt", files.TEXT),
        ("您好，我要反映".encode("gb18030"), "letter.txt", files.TEXT),
        (b"ID3\x04....", "call.mp3", "audio/mpeg"),
        (b"\xff\xfb\x90....", "call.mp3", "audio/mpeg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "call.wav", "audio/wav"),
        (b"#!AMR\n....", "call.amr", "audio/amr"),
        (b"\x00\x00\x00\x20ftypM4A ....", "call.m4a", "audio/mp4"),
    ],
)
def test_check_file_taken_kind_is_known_by_content(content, name, content_type):
    found = files.check_file(io.BytesIO(content), name)

    assert (found.content_type, found.size) == (content_type, len(content))


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "letter.pdf", "file_empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "letter.pdf", "file_kind"),
        (b"%PDF-1.7", "photo.jpg", "file_name"),
        (b"%PDF-1.7", "letter", "file_name"),
        (b"PK\x03\x04 broken", "letter.docx", "file_kind"),
        (package("readme.md"), "letter.docx", "file_kind"),
        (package("xl/workbook.xml"), "letter.docx", "file_name"),
        (package("word/document.xml", "word/vbaProject.bin"), "letter.docx", "file_kind"),
        (b"<html><script>", "page.html", "file_name"),
    ],
)
def test_check_file_not_what_it_says_is_refused(content, name, code):
    assert refusal(content, name) == code


def test_check_file_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MAX_SIZE", 10)

    assert refusal(b"%PDF-1.7 and more", "letter.pdf") == "file_size"


def test_check_file_package_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MAX_UNPACKED", 1000)

    assert refusal(package("word/document.xml", content=b"0" * 900), "a.docx") == "file_kind"


def test_check_file_leaves_the_file_at_its_beginning():
    file = io.BytesIO(b"%PDF-1.7 ...")

    files.check_file(file, "letter.pdf")

    assert file.tell() == 0


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\letters\\信.pdf", "信.pdf"),
        ("photo\u202egpj.png", "photogpj.png"),
        ('a<b>"c".pdf', "a_b__c_.pdf"),
        ("...", "file"),
        ("x" * 200 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_clean_name_is_safe_to_store(name, stored):
    assert files.clean_name(name) == stored
