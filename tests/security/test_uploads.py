"""Files from outside: kept as they came, never run, never shown as a page of ours, never unpacked, never a path."""

import ast
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from qingkong.domains.enforcement.cases.tests import build as casing
from qingkong.domains.enforcement.dossiers.tests import making as filing
from qingkong.domains.enforcement.evidence import operations
from qingkong.domains.enforcement.evidence.queries import EvidenceItem
from qingkong.domains.enforcement.evidence.tests import building as proving
from tests.security.asking import sit_down

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
SOURCE = Path(__file__).resolve().parents[2] / "src"
PAGE = b"<!doctype html><script>alert(document.domain)</script>"
DRAWING = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
)
HARMFUL = {
    "a page": ("现场.html", PAGE),
    "a page called a photo": ("现场.jpg", PAGE),
    "a drawing with a script": ("图.svg", DRAWING),
    "a drawing called a photo": ("图.png", DRAWING),
    "a photo that is a page as well": ("合影.html", proving.a_jpeg() + PAGE),
    "a GIF that is a script as well": ("a.gif", b"GIF89a/*" + PAGE + b"*/=alert(1);"),
    "a PDF that is a page as well": ("a.pdf", b"%PDF-1.7\n" + PAGE),
    "a page behind a byte order mark": ("a.txt", b"\xef\xbb\xbf" + PAGE),
    "UTF-7": ("a.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
}
SHOWN_AS = {"image/jpeg", "image/png", "image/webp", "video/mp4", "audio/mp4", "audio/mpeg", "application/pdf"}


@pytest.fixture
def case(county, tmp_path, settings):
    settings.QINGKONG_HOME = tmp_path
    return casing.case(county)


@pytest.mark.parametrize("what", HARMFUL)
def test_what_could_run_is_registered_handed_out_as_a_file_and_never_shown(client, county, case, what):
    name, content = HARMFUL[what]
    item = proving.register(county, case, content, name=name)
    operations.make_derivatives(item=item, actor=county.system, at=county.at)
    item = EvidenceItem.objects.get(pk=item.pk)
    sit_down(client, county.officer)
    with override_settings(QINGKONG_CLOCK=lambda: county.at):
        client.post(f"/desk/evidence/{item.pk}/open/", {"reference": case.number, "purpose": "handling"})
        for shown in ("original", "view", "thumbnail", "preview", "poster"):
            answer = client.get(f"/desk/evidence/{item.pk}/content/{shown}/")
            kind = answer.headers["Content-Type"]
            assert answer.status_code in (403, 404) or kind in SHOWN_AS, (shown, kind)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            if answer.status_code == 200:
                assert b"<script" not in b"".join(answer.streaming_content), (
                    shown
                )  # drawn anew, without what hung on it
        answer = client.post(f"/desk/evidence/{item.pk}/download/", {"reference": case.number, "purpose": "handling"})
    if answer.status_code == 200 and answer.streaming:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''D2026-")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert b"".join(answer.streaming_content) == content  # and yet the original is what came


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "/etc/cron.d/x",
        "a\x00.jpg",
        "a\r\nSet-Cookie: x=y.jpg",
        "con.jpg",
        "长" * 300 + ".jpg",
        ".htaccess",
        "\u202egpj.exe",
    ],
)
def test_a_file_name_leads_nowhere_and_ends_up_in_no_header(client, county, case, tmp_path, name):
    sit_down(client, county.officer)
    before = set(tmp_path.parent.iterdir())
    with override_settings(QINGKONG_CLOCK=lambda: county.at):
        file = SimpleUploadedFile("a.jpg", proving.a_jpeg(), "image/jpeg")
        file.name = name  # as a program would send it
        answer = client.post("/desk/evidence/register/", {"link": case.number, "source": "phone", "upload": file})
        assert answer.status_code in (200, 303, 400, 409, 422)
        for item in EvidenceItem.objects.all():
            given = client.post(
                f"/desk/evidence/{item.pk}/download/", {"reference": case.number, "purpose": "handling"}
            )
            said = given.headers.get("Content-Disposition", "")
            assert "/" not in said and "\\" not in said and "\n" not in said and ".." not in said
            assert "Set-Cookie" not in given.headers
    assert set(tmp_path.parent.iterdir()) == before


def a_png(width, height):
    """A picture of so many pixels in a few kilobytes, as a bomb is made."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, rows = zlib.compressobj(9), []
    line = b"\x00" * (width // 8 + 2)
    for _ in range(height):
        rows.append(packer.compress(line))
    rows.append(packer.flush())
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"".join(rows)) + chunk(b"IEND", b"")


def test_a_picture_of_a_thousand_million_pixels_is_kept_and_not_drawn(county, case):
    bomb = a_png(32_000, 32_000)
    assert len(bomb) < 300_000
    item = proving.register(county, case, bomb, name="大图.png")
    operations.make_derivatives(item=item, actor=county.system, at=county.at)
    made = list(EvidenceItem.objects.get(pk=item.pk).derivatives.all())
    assert made and not any(one.blob_id for one in made) and all(one.why_not for one in made)


def test_an_archive_is_kept_and_never_unpacked(county, case):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.txt", b"\x00" * 50_000_000)
    item = proving.register(county, case, packed.getvalue(), name="资料.zip")
    operations.make_derivatives(item=item, actor=county.system, at=county.at)
    assert not EvidenceItem.objects.get(pk=item.pk).derivatives.filter(blob__isnull=False).exists()


UNPACKS = {
    "qingkong/project/backup/": "reads its own archives, whose digests it has checked",
    "qingkong/kernel/ledger/packing.py": "writes proof bundles, reads none",
    "qingkong_verify/build.py": "writes the verifier as one file",
    "qingkong_verify/opening.py": "reads a bundle in memory, member by member, up to a limit, names by a pattern",
}


def test_no_module_unpacks_archives_but_those_that_are_named():
    unpacking = set()
    for file in SOURCE.rglob("*.py"):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if {"zipfile", "tarfile", "gzip", "bz2", "lzma"} & set(names):
                unpacking.add(str(file.relative_to(SOURCE)))
    assert {name for name in unpacking if not name.startswith(tuple(UNPACKS))} == set()


@pytest.mark.parametrize(
    "what", ["a page", "a drawing with a script", "a drawing called a photo", "a PDF that is a page as well"]
)
def test_a_scan_for_a_file_is_shown_only_as_what_its_first_bytes_say(client, county, case, what):
    name, content = HARMFUL[what]
    dossier = filing.a_dossier(county)
    sit_down(client, county.officer)
    with override_settings(QINGKONG_CLOCK=lambda: county.at):
        sent = {
            "title": "扫描件",
            "made_at_0": "2026-11-24",
            "made_at_1": "09:00",
            "content": SimpleUploadedFile(name, content),
        }
        client.post(f"/desk/dossiers/{dossier.pk}/scan/", sent)
        for paper in dossier.papers.all():
            answer = client.get(f"/desk/dossiers/papers/{paper.pk}/read/")
            if answer.status_code == 200:
                kind = answer.headers["Content-Type"]
                assert kind in SHOWN_AS or answer.headers["Content-Disposition"].startswith("attachment"), kind
                assert (
                    answer.headers["X-Content-Type-Options"] == "nosniff"
                    and "no-store" in answer.headers["Cache-Control"]
                )


def test_a_form_with_too_many_fields_or_too_much_text_is_refused_with_a_sentence(client, county):
    sit_down(client, county.officer)
    many = client.post("/desk/evidence/register/", {f"f{n}": "x" for n in range(1100)})
    much = client.post("/desk/language/", {"next": "x" * (6 * 2**20)})
    assert many.status_code in (400, 413) and much.status_code in (400, 413)
    assert "请返回上一页" in many.content.decode() and "请返回上一页" in much.content.decode()
