"""Uploads are judged by what is in them."""

import io
import struct
import zipfile

import pytest
from django.core.exceptions import ValidationError

from petitions import files, packages

WORD, EXCEL = "word/document.xml", "xl/workbook.xml"
SAYS = b"wordprocessingml.document.main+xml spreadsheetml.sheet.main+xml"


def package(*names: str, content: bytes = b"x", says: bytes = SAYS) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", says)
        for name in names:
            archive.writestr(name, content)
    return buffer.getvalue()


def png(width: int = 4, height: int = 3) -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + struct.pack(">II", width, height)


def jpeg(width: int = 4, height: int = 3, before: bytes = b"\xff\xe0\x00\x04ab") -> bytes:
    frame = b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width)
    return b"\xff\xd8" + before + frame + b"\xff\xda\xff\xd9"


def zipped(name: str = "run.exe") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"MZ")
    return buffer.getvalue()


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(ValidationError) as refused:
        files.check_file(io.BytesIO(content), name)
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (b"%PDF-1.7 ...", "letter.pdf", "application/pdf"),
        (jpeg(), "photo.JPG", "image/jpeg"),
        (jpeg(before=b"\xff\xfe\x00\x03\xc0\xff\xff\xdb\x00\x02"), "photo.jpeg", "image/jpeg"),
        (png(), "photo.png", "image/png"),
        (package(WORD), "letter.docx", files.WORD),
        (package(EXCEL), "list.xlsx", files.EXCEL),
        (zipped("OFD.xml"), "公文.ofd", files.OFD),
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
        (b"MZ\x90\x00\x03\x00\x00\x00", "letter.txt", "file_kind"),
        (b"\x7fELF\x02\x01\x01\x00", "letter.docx", "file_kind"),
        (b"PK\x03\x04 broken", "letter.docx", "file_damaged"),
        (package(WORD)[:-30], "letter.docx", "file_damaged"),
        (package(WORD).replace(b"].xml", b"].yml", 1), "letter.docx", "file_damaged"),
        (zipped(), "letter.docx", "file_kind"),
        (package("readme.md"), "letter.docx", "file_kind"),
        (package(WORD, says=b"x"), "letter.docx", "file_kind"),
        (package(EXCEL), "letter.docx", "file_name"),
        (package(WORD, "word/vbaProject.bin"), "letter.docx", "file_macro"),
        (package(WORD, "word/activeX/activeX1.bin"), "letter.docx", "file_macro"),
        (package(WORD, "word/embeddings/setup.EXE"), "letter.docx", "file_macro"),
        (package(WORD, says=b"ms-word.document.macroEnabled.main+xml"), "a.docx", "file_macro"),
        (package(WORD, "../../etc/cron.d/x"), "letter.docx", "file_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "letter.doc", "file_old"),
        (b"\x00\x00\x00\x24ftypheic\x00\x00", "photo.heic", "file_heic"),
        (b"\x00\x00\x00\x24ftypqt  \x00\x00", "film.mov", "file_kind"),
        (b"\x00\x00\x00\x24ftypisom hdlr12345678vide", "film.m4a", "file_kind"),
        (png()[:20], "photo.png", "file_damaged"),
        (jpeg()[:12], "photo.jpg", "file_damaged"),
        (b"\xff\xd8\xff\xda\x00\x02", "photo.jpg", "file_damaged"),
        (png(60_000, 60_000), "photo.png", "file_pixels"),
        (jpeg(60_000, 60_000), "photo.jpg", "file_pixels"),
        (jpeg() + zipped(), "photo.jpg", "file_two"),
        (b"%PDF-1.7 ..." + zipped("run.js"), "letter.pdf", "file_two"),
        (b"<html><script>", "page.html", "file_name"),
    ],
)
def test_check_file_not_what_it_says_is_refused(content, name, code):
    assert refusal(content, name) == code


def test_check_file_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MAX_SIZE", 10)

    assert refusal(b"%PDF-1.7 and more", "letter.pdf") == "file_size"


def test_check_file_package_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(packages, "MAX_UNPACKED", 1000)

    assert refusal(package(WORD, content=b"0" * 950), "a.docx") == "file_unpacked"


def test_check_file_package_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(packages, "MAX_PARTS", 3)

    assert refusal(package(WORD, "a", "b"), "a.docx") == "file_unpacked"


def test_check_file_package_that_lies_about_its_size_is_refused():
    honest = package(WORD, content=b"0" * 100_000)
    lying = honest.replace(struct.pack("<I", 100_000), struct.pack("<I", 100))

    assert lying != honest
    assert refusal(lying, "a.docx") == "file_damaged"


def test_check_file_picture_of_a_large_telephone_is_taken():
    assert files.check_file(io.BytesIO(jpeg(12_000, 9_000)), "photo.jpg").content_type


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
