"""tus 1.0.0 as its document has it: versions, offsets, checksums, expiry; two at once, and a torn tail."""

import hashlib
import os
from datetime import timedelta

import pytest

from qingkong.conftest import AT
from qingkong.kernel.vault.pieces import pieces
from qingkong.web.uploads import operations
from qingkong.web.uploads.holding import Locked, holding
from qingkong.web.uploads.models import State, Upload
from tests.uploads.sending import NAME, PIECE, checksum, told

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
CONTENT = os.urandom(300_000)


def reason(answer):
    return answer.json()["reason"]


def test_the_server_says_what_it_can(send):
    answer = send.ask("OPTIONS", "/uploads/")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "termination", "checksum", "expiration",
    }  # fmt: skip
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer["Tus-Max-Size"]) > 2**32


def test_a_file_comes_in_three_pieces_and_is_hashed_when_whole(send):
    where = send.begun(len(CONTENT))
    for start, end in ((0, 100_000), (100_000, 100_001), (100_001, 300_000)):
        assert send.offset(where) == start
        answer = send.patch(where, start, CONTENT[start:end])
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(end))
        assert answer["Tus-Resumable"] == "1.0.0"
    assert answer["X-Content-SHA256"] == hashlib.sha256(CONTENT).hexdigest()
    row = Upload.objects.get()
    assert (row.state, row.sha256) == (State.WHOLE, hashlib.sha256(CONTENT).hexdigest())
    assert pieces().path(row.pk).read_bytes() == CONTENT


def test_the_first_piece_may_come_with_the_beginning(send):
    answer = send.begin(len(CONTENT), body=CONTENT[:1000])
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "1000")
    assert send.offset(answer["Location"]) == 1000


def test_head_gives_back_length_metadata_and_expiry_and_is_never_cached(send):
    answer = send.ask("HEAD", send.begun(10))
    assert answer["Upload-Length"] == "10"
    assert answer["Upload-Metadata"] == told(filename=NAME, use="evidence", reference=send.number)
    assert answer["Upload-Expires"] == "Wed, 25 Nov 2026 01:00:00 GMT"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
def test_another_version_is_refused_with_412(send, version):
    answer = send.begin(10, Tus_Resumable=version)
    assert answer.status_code == 412
    assert answer["Tus-Version"] == "1.0.0"
    assert not Upload.objects.exists()


@pytest.mark.parametrize("length", ["", "-1", "ten", "1e3", "9" * 30, "0"])
def test_a_length_that_is_none_is_refused(send, length):
    assert send.begin(length).status_code == 400
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "metadata", ["filename !!!", "a b,a b", "filename " + "QQ=" * 2000, "键 QQ==", "filename /w=="]
)
def test_metadata_that_cannot_be_read_is_refused(send, metadata):
    answer = send.ask("POST", "/uploads/", Upload_Length="5", Upload_Metadata=metadata)
    assert answer.status_code == 400
    assert not Upload.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\u202egpj.exe", "C:\\x", "长" * 300])
def test_a_name_that_deceives_is_refused_at_the_beginning(send, name):
    assert send.begin(5, name=name).status_code == 422


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent(send, settings):
    settings.QINGKONG_UPLOADS = {"largest": 1000}
    assert send.begin(1001).status_code == 413
    assert send.begin(1000).status_code == 201


def test_where_the_disk_would_be_full_nothing_begins(send, settings):
    settings.QINGKONG_UPLOADS = {"reserve": 2**60}
    answer = send.begin(1000)
    assert answer.status_code == 507
    assert "存储空间不足" in reason(answer)


@pytest.mark.parametrize("offset", [1, 99_999, 100_001, 10**12])
def test_a_piece_at_another_offset_is_refused_and_changes_nothing(send, offset):
    where = send.begun(len(CONTENT))
    send.patch(where, 0, CONTENT[:100_000])
    answer = send.patch(where, offset, CONTENT[:10])
    assert answer.status_code == 409
    assert "100000" in reason(answer)
    assert send.offset(where) == 100_000


def test_a_piece_of_another_content_type_is_refused(send):
    where = send.begun(10)
    answer = send.ask("PATCH", where, b"0123", Upload_Offset="0", Content_Type="application/octet-stream")
    assert answer.status_code == 415
    assert send.offset(where) == 0


def test_a_piece_that_runs_over_the_length_is_refused_and_nothing_of_it_stays(send):
    where = send.begun(100)
    send.patch(where, 0, b"x" * 60)
    assert send.patch(where, 60, b"y" * 41).status_code == 413
    assert send.offset(where) == 60
    assert send.patch(where, 60, b"y" * 40).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_with_the_right_checksum_counts_and_with_a_wrong_one_leaves_the_offset(send, algorithm):
    where = send.begun(len(CONTENT))
    assert (
        send.patch(where, 0, CONTENT[:70_000], Upload_Checksum=checksum(CONTENT[:70_000], algorithm)).status_code == 204
    )
    answer = send.patch(where, 70_000, CONTENT[70_000:], Upload_Checksum=checksum(b"another", algorithm))
    assert answer.status_code == 460
    assert send.offset(where) == 70_000
    assert pieces().path(Upload.objects.get().pk).stat().st_size == 70_000
    good = checksum(CONTENT[70_000:], algorithm)
    assert send.patch(where, 70_000, CONTENT[70_000:], Upload_Checksum=good).status_code == 204
    assert Upload.objects.get().sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("header", ["md5 QUJD", "sha256 ***", "sha256"])
def test_a_checksum_that_cannot_be_checked_is_refused(send, header):
    where = send.begun(10)
    assert send.patch(where, 0, b"0123", Upload_Checksum=header).status_code in (400, 460)
    assert send.offset(where) == 0


def test_a_whole_that_is_not_what_was_promised_is_refused_and_nothing_of_it_stays(send):
    where = send.begun(len(CONTENT), sha256="0" * 64)
    answer = send.patch(where, 0, CONTENT)
    assert answer.status_code == 422
    assert "不一致" in reason(answer)
    assert list(pieces().keys()) == []
    assert send.ask("HEAD", where).status_code == 410


def test_a_whole_that_is_what_was_promised_is_taken(send):
    send.sent(CONTENT, sha256=hashlib.sha256(CONTENT).hexdigest().upper())
    assert Upload.objects.get().state == State.WHOLE


def test_an_upload_is_cancelled_and_its_bytes_go_at_once(send):
    where = send.begun(len(CONTENT))
    send.patch(where, 0, CONTENT[:1000])
    assert send.ask("DELETE", where).status_code == 204
    assert list(pieces().keys()) == []
    assert send.ask("HEAD", where).status_code == 410
    assert send.patch(where, 1000, b"x").status_code == 410


def test_an_upload_expires_some_time_after_its_last_piece_and_is_swept(send, clock, settings):
    settings.QINGKONG_UPLOADS = {"kept": 600}
    where = send.begun(100)
    clock(AT + timedelta(minutes=9))
    answer = send.patch(where, 0, b"x" * 10)
    assert answer.status_code == 204, answer.content.decode()
    assert answer["Upload-Expires"] == "Tue, 24 Nov 2026 01:19:00 GMT"
    clock(AT + timedelta(minutes=18))
    assert send.offset(where) == 10
    clock(AT + timedelta(minutes=19))
    assert send.ask("HEAD", where).status_code == 410
    assert operations.sweep(at=AT + timedelta(minutes=18)) == 0
    assert operations.sweep(at=AT + timedelta(minutes=19)) == 1
    assert (list(pieces().keys()), Upload.objects.count()) == ([], 0)
    assert send.ask("HEAD", where).status_code == 404


def test_the_sweep_leaves_what_is_being_written_and_takes_files_without_a_row(send, county):
    send.sent(b"x" * 10)
    row = Upload.objects.get()
    with pieces().held(row.pk):
        assert operations.sweep(at=AT + timedelta(days=30)) == 0
    Upload.objects.all().delete()
    os.utime(pieces().path(row.pk), (0, 0))
    assert operations.sweep(at=AT) == 1


def test_while_one_piece_is_written_another_is_refused(send):
    where = send.begun(100)
    with pieces().held(Upload.objects.get().pk):
        answer = send.patch(where, 0, b"x" * 10)
    assert answer.status_code == 423
    assert answer["Retry-After"] == "2"
    assert send.offset(where) == 0


def test_who_asks_where_to_go_on_takes_the_file_from_the_connection_that_was_lost(send):
    """The old request still waits for a sender who is gone; when it wakes, it writes nothing more."""
    where = send.begun(100)
    with holding(Upload.objects.get()) as (_, old):
        old.append([b"x" * 7])
        assert send.patch(where, 7, b"y").status_code == 423
        assert send.offset(where) == 7
        assert send.patch(where, 7, b"y" * 3).status_code == 204
        with pytest.raises(Locked):
            old.append([b"z" * 50])
    assert send.offset(where) == 10


def write_on(content):
    with pieces().path(Upload.objects.get().pk).open("ab") as file:
        file.write(content)


def test_bytes_that_a_killed_process_wrote_count_while_the_machine_goes_on(send):
    where = send.begun(100)
    send.patch(where, 0, b"x" * 10)
    write_on(b"y" * 15)
    assert send.offset(where) == 25


def test_bytes_beyond_the_safe_ones_are_cut_after_the_machine_started_anew(send):
    where = send.begun(100)
    send.patch(where, 0, b"x" * 10)
    write_on(b"\0" * 15)
    Upload.objects.update(machine_start="another")
    assert send.offset(where) == 10
    assert send.patch(where, 10, b"z" * 90).status_code == 204


def test_bytes_whose_checksum_was_never_checked_are_cut(send):
    where = send.begun(100)
    send.patch(where, 0, b"x" * 10)
    write_on(b"y" * 15)
    Upload.objects.update(tail_counts=False)
    assert send.offset(where) == 10


def test_a_file_that_lost_bytes_says_so_and_goes_on_from_there(send):
    where = send.begun(100)
    send.patch(where, 0, b"x" * 50)
    os.truncate(pieces().path(Upload.objects.get().pk), 20)
    assert send.offset(where) == 20


def test_content_type_of_a_piece_is_the_protocols(send):
    assert PIECE == "application/offset+octet-stream"
    where = send.begun(4)
    assert send.ask("PATCH", where, b"0123", Upload_Offset="0", Content_Type=f"{PIECE}; charset=x").status_code == 204
