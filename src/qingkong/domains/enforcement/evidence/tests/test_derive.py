import io
import os
import wave

import pytest
from PIL import ExifTags, Image

from qingkong.conftest import ledger_acts
from qingkong.domains.enforcement.evidence import operations, queries
from qingkong.domains.enforcement.evidence.media import films, process
from qingkong.domains.enforcement.evidence.models import Derivative
from qingkong.domains.enforcement.evidence.rules import WhyNot
from qingkong.domains.enforcement.evidence.tests.building import a_film, a_jpeg, drawn, needs_ffmpeg, register
from qingkong.kernel import jobs, vault


def _made(item):
    return {d.kind: d for d in item.derivatives.all()}


def test_a_photo_gets_smaller_copies_that_name_their_parent(county, call):
    item = drawn(county, register(county, call, a_jpeg(size=(4000, 3000))))
    made = _made(item)
    assert set(made) == {"thumbnail", "view"}
    for derivative, edge in ((made["thumbnail"], 320), (made["view"], 1920)):
        assert derivative.parent_sha256 == item.original_id
        with Image.open(vault.path(derivative.blob_id)) as copy:
            assert max(copy.size) == edge
            assert item.original_id in copy.info["comment"].decode()
    assert ledger_acts(item) == ["evidence.registered", "evidence.derived", "evidence.derived"]


def test_position_stays_in_the_original_alone(county, call):
    item = drawn(county, register(county, call, a_jpeg()))
    with Image.open(vault.open(item.original_id)) as original:
        assert original.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    for derivative in item.derivatives.all():
        content = vault.open(derivative.blob_id).read()
        assert b"Exif" not in content
        with Image.open(io.BytesIO(content)) as copy:
            assert not copy.getexif()


def test_the_original_is_the_same_bytes_before_and_after(county, call):
    content = a_jpeg()
    item = drawn(county, register(county, call, content))
    assert vault.open(item.original_id).read() == content
    assert vault.scrub() == []


def test_what_a_photo_says_of_its_time_is_kept_as_a_claim(county, call):
    item = drawn(county, register(county, call, a_jpeg()))
    assert (
        item.reading.claimed_at.isoformat() == "2026-11-24T00:41:07+00:00"
    )  # the camera's local time, read as the county's
    assert (item.reading.width, item.reading.height) == (640, 480)
    assert item.received_at == county.at


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "nonsense", "2026:13:40 99:99:99", "1899:01:01 00:00:00"])
def test_a_nonsensical_time_is_no_time(county, call, taken):
    assert drawn(county, register(county, call, a_jpeg(taken=taken))).reading.claimed_at is None


@pytest.mark.parametrize("rest", [b"", b"\x00" * 50, os.urandom(2000)])
def test_a_broken_photo_has_no_copy_and_says_why(county, call, rest):
    item = drawn(county, register(county, call, b"\xff\xd8\xff\xe0\x00\x10JFIF" + rest))
    assert {d.why_not for d in item.derivatives.all()} == {WhyNot.UNREADABLE}
    assert "原件不受影响" in str(queries.shown_as(item)["why"])
    assert "evidence.not_derived" in ledger_acts(item)


def test_a_second_run_changes_nothing(county, call):
    item = drawn(county, register(county, call))
    before = list(item.derivatives.values_list("pk", flat=True))
    drawn(county, item)
    assert list(item.derivatives.values_list("pk", flat=True)) == before
    assert ledger_acts(item).count("evidence.derived") == 2


def test_registering_queues_the_job_and_the_job_makes_the_copies(county, call):
    item = register(county, call)
    jobs.run_due(county.at)
    assert set(_made(item)) == {"thumbnail", "view"}


@needs_ffmpeg
def test_a_film_that_browsers_do_not_play_gets_a_preview_they_do(county, call, tmp_path):
    item = drawn(county, register(county, call, a_film(tmp_path), name="录像.mov"))
    made = _made(item)
    assert set(made) == {"poster", "preview"}
    assert made["preview"].content_type == "video/mp4"
    probe = films.probe(vault.path(made["preview"].blob_id), ffprobe=films.tool("ffprobe"), folder=tmp_path)
    assert probe.codecs == ("aac", "h264")
    assert probe.claimed == ""  # none of the original's metadata
    assert item.reading.claimed_at.isoformat() == "2026-11-24T00:30:00+00:00"
    assert queries.shown_as(item) == {"film": "preview", "is_original": False, "poster": "poster"}


@needs_ffmpeg
def test_a_film_that_browsers_play_is_played_as_it_is(county, call, tmp_path):
    item = drawn(county, register(county, call, a_film(tmp_path, name="a.mp4", codec="libx264"), name="录像.mp4"))
    assert set(_made(item)) == {"poster"}
    assert queries.shown_as(item)["film"] == "original"
    assert queries.content_of(item, "original").is_original


def a_wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000))
    return out.getvalue()


@needs_ffmpeg
def test_a_recording_that_browsers_play_is_played_as_it_is(county, call):
    item = drawn(county, register(county, call, a_wav(), name="执法记录仪.wav"))
    assert (item.content_type, item.reading.duration_ms) == ("audio/wav", 500)
    assert _made(item) == {}
    assert queries.shown_as(item)["sound"] == "original"
    assert ledger_acts(item) == ["evidence.registered"]


@needs_ffmpeg
def test_a_film_cut_short_says_why_it_has_no_preview(county, call, tmp_path):
    item = drawn(county, register(county, call, a_film(tmp_path)[:700], name="录像.mov"))
    assert {d.why_not for d in item.derivatives.all()} == {WhyNot.UNREADABLE}


def test_without_ffmpeg_the_original_stays_and_the_page_says_why(county, call, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    content = b"\x00\x00\x00\x14ftypqt  " + bytes(400)
    item = drawn(county, register(county, call, content, name="录像.mov"))
    assert {d.why_not for d in item.derivatives.all()} == {WhyNot.NO_TOOL}
    assert "apt install ffmpeg" in str(queries.shown_as(item)["why"])
    assert vault.open(item.original_id).read() == content


@needs_ffmpeg
def test_once_ffmpeg_is_there_what_was_missing_is_made(county, call, monkeypatch, tmp_path):
    film, path = a_film(tmp_path), os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    item = drawn(county, register(county, call, film, name="录像.mov"))
    monkeypatch.setenv("PATH", path)
    assert {d.why_not for d in drawn(county, item).derivatives.all()} == {WhyNot.NO_TOOL}
    assert {d.why_not for d in drawn(county, item, again=True).derivatives.all()} == {""}


def test_a_tool_that_takes_too_much_memory_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "_LIMITED", process._LIMITED.replace(str(process.MEMORY), "200000"))
    with pytest.raises(process.Failed):
        process.run(["python3", "-c", "x = bytearray(900_000_000)"], folder=tmp_path)


def test_a_tool_that_takes_too_much_time_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "_LIMITED", process._LIMITED.replace(f"-t {process.SECONDS}", "-t 1"))
    with pytest.raises(process.TooHeavy):
        process.run(["python3", "-c", "while True: pass"], folder=tmp_path)


def test_a_film_cannot_make_ffmpeg_open_an_address_or_another_file(county, call, tmp_path):
    playlist = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    item = drawn(county, register(county, call, playlist, name="录像.mp4"))
    assert not Derivative.objects.filter(item=item, blob__isnull=False).exists()


def test_only_the_system_makes_derivatives(county, call):
    from qingkong.kernel.refusals import NotPermitted

    with pytest.raises(NotPermitted):
        operations.make_derivatives(item=register(county, call), actor=county.officer, at=county.at)
