import json
import os
from pathlib import Path

import pytest

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.evidence import queries
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.rules import WhyNot
from qingkong.domains.enforcement.evidence.tests.building import ELF, a_film, a_jpeg, needs_ffmpeg
from qingkong.project.cli import main

MEDIA = Path(os.environ.get("QINGKONG_MEDIA", "../shared/data/media"))


def ingest(capsys, *arguments):
    status = main(["evidence", "ingest", *map(str, arguments), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_folder_is_taken_in_with_a_receipt_a_file(call, tmp_path, capsys):
    folder = tmp_path / "card"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(a_jpeg())
    (folder / "sub" / "b.jpg").write_bytes(a_jpeg("red"))
    status, answer = ingest(capsys, folder, "--call", call.number)
    assert status == 0
    assert [row["number"] for row in answer["receipts"]] == ["D2026-000001", "D2026-000002"]
    assert set(answer["receipts"][0]["derivatives"]) == {"thumbnail", "view"}
    assert answer["refused"] == []


def test_running_it_again_changes_nothing(call, tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(a_jpeg())
    first = ingest(capsys, tmp_path / "a.jpg", "--call", call.number)[1]["receipts"][0]
    again = ingest(capsys, tmp_path / "a.jpg", "--call", call.number)[1]["receipts"][0]
    assert (first["already"], again["already"], again["number"]) == (False, True, first["number"])
    assert ledger_acts(EvidenceItem.objects.get()).count("evidence.registered") == 1


def test_of_five_files_two_bad_ones_are_named_and_three_are_taken(case, tmp_path, capsys):
    for name, content in (
        ("1.jpg", a_jpeg()),
        ("2.jpg", b""),
        ("3.jpg", ELF),
        ("4.jpg", a_jpeg("red")),
        ("5\n.jpg", b"x"),
    ):
        (tmp_path / name).write_bytes(content)
    files = sorted(path for path in tmp_path.iterdir() if path.is_file())
    status, answer = ingest(capsys, *files, "--case", case.number)
    assert status == 1
    assert [row["state"] for row in answer["receipts"]] == ["kept", "quarantined", "kept"]
    assert ["空的" in answer["refused"][0]["reason"], "不能用" in answer["refused"][1]["reason"]] == [True, True]


def test_an_unknown_number_is_refused_in_one_sentence(db, tmp_path, capsys):
    (tmp_path / "a.jpg").write_bytes(a_jpeg())
    assert main(["evidence", "ingest", str(tmp_path / "a.jpg"), "--call", "J2026-999999"]) == 1
    assert "没有编号为“J2026-999999”" in capsys.readouterr().err


@needs_ffmpeg
def test_previews_left_for_later_or_impossible_then_are_made(call, tmp_path, capsys, monkeypatch):
    (tmp_path / "a.mov").write_bytes(a_film(tmp_path))
    path = os.environ["PATH"]
    ingest(capsys, tmp_path / "a.mov", "--call", call.number, "--later")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert main(["evidence", "derive"]) == 0
    item = EvidenceItem.objects.get()
    assert {d.why_not for d in item.derivatives.all()} == {WhyNot.NO_TOOL}
    monkeypatch.setenv("PATH", path)
    assert main(["evidence", "derive", "--again"]) == 0
    assert {d.kind for d in item.derivatives.all() if d.blob_id} == {"poster", "preview"}


@needs_ffmpeg
@pytest.mark.skipif(not MEDIA.is_dir(), reason="the real media are not here (QINGKONG_MEDIA)")
def test_real_prores_jpeg2000_hdv_and_dv_films_and_photos_can_be_seen(call, capsys):
    status, answer = ingest(capsys, MEDIA, "--call", call.number)
    assert status == 0
    assert len(answer["receipts"]) == 6
    for item in EvidenceItem.objects.all():
        shown = queries.shown_as(item)
        assert shown.get("picture") or shown.get("film"), (item.number, shown)
