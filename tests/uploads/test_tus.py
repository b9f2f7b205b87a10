"""tus 1.0.0 as its document has it: versions, offsets, checksums, expiry, and whose an upload is."""

import hashlib
import os
from datetime import timedelta

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.queries import Source
from qingkong.domains.enforcement.evidence.tests.building import a_jpeg
from qingkong.domains.enforcement.evidence.ways import arriving
from qingkong.kernel import ledger, vault
from qingkong.kernel.vault.pieces import pieces
from qingkong.web.uploads import operations
from qingkong.web.uploads.holding import Locked, holding
from qingkong.web.uploads.models import State, Upload
from tests.uploads.sending import NAME, PIECE, checksum, told

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
CONTENT = os.urandom(300_000)


def reason(answer):
    return answer.json()["reason"]


class Asked:
    def __init__(self, actor, at=AT):
        self.actor, self.at = actor, at


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


def test_the_name_is_sealed_in_the_database_and_gone_once_registered(send, county, call):
    where = send.sent(a_jpeg(), name="示例姓名.jpg")
    assert "示例姓名" not in str(Upload.objects.values().get())
    assert Upload.objects.get().__dict__["metadata"] != ""
    register(county, call, where)
    assert Upload.objects.get().told == ""


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


# --- whose it is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "PUT", "DELETE"])
def test_for_anybody_else_an_upload_is_not_there(send, sender_of, county, method):
    where = send.begun(100)
    for other in (county.second_officer, county.station_head, county.inspector):
        answer = sender_of(other).ask(method, where, b"", Upload_Offset="0")
        assert answer.status_code == 404
    assert send.offset(where) == 0


def test_who_is_not_signed_in_sends_nothing(client, send, db):
    where = send.begun(100)
    for method, place in (("POST", "/uploads/"), ("HEAD", where), ("PATCH", where), ("PUT", where), ("DELETE", where)):
        answer = client.generic(method, place, headers={"Tus-Resumable": "1.0.0", "Upload-Length": "5"})
        assert answer.status_code == 401
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("post", ["administrator", "supervisor"])
def test_who_handles_no_events_cannot_send_and_that_is_entered(sender_of, county, post):
    before = ledger_acts("web.page:/uploads/")
    assert sender_of(getattr(county, post)).begin(5).status_code == 403
    assert ledger_acts("web.page:/uploads/") == [*before, "access.refused"]


def test_nobody_sends_for_a_call_that_is_not_theirs(sender_of, county, call):
    assert sender_of(county.stranger).begin(5).status_code == 404
    assert sender_of(county.dispatcher).begin(5).status_code == 403
    assert sender_of(county.officer, "J2026-999999").begin(5).status_code == 404
    assert not Upload.objects.exists()


@pytest.mark.parametrize("use", ["", "anything"])
def test_a_file_for_nothing_is_not_taken(send, use):
    answer = send.begin(5, use=use)
    assert answer.status_code == 400
    assert "用途" in reason(answer)


def test_who_may_not_add_any_more_when_the_file_is_whole_loses_it(sender_of, county, call):
    send = sender_of(county.third_officer)
    where = send.begun(10)
    send.patch(where, 0, b"01234")
    row = type(call).objects.get(pk=call.pk)
    row.unit = county.other_station
    row.save()
    answer = send.patch(where, 5, b"56789")
    assert answer.status_code in (403, 404)
    assert Upload.objects.get().state == State.ENDED
    assert list(pieces().keys()) == []


def test_limits_of_one_actor_hold_and_leave_others_alone(send, sender_of, county, settings):
    settings.QINGKONG_UPLOADS = {"open_uploads": 2, "open_bytes": 1000}
    first = send.begun(400)
    assert send.begin(700).status_code == 429
    send.begun(400)
    answer = send.begin(1)
    assert answer.status_code == 429
    assert "2 份" in reason(answer)
    assert sender_of(county.second_officer).begin(1).status_code == 201
    send.ask("DELETE", first)
    assert send.begin(1).status_code == 201


def test_cancelling_does_not_give_back_the_hour(send, settings):
    settings.QINGKONG_UPLOADS = {"begun_an_hour": 3}
    for _ in range(3):
        send.ask("DELETE", send.begun(5))
    assert send.begin(5).status_code == 429


def test_a_browser_without_the_forms_token_sends_nothing(send, county, signed_in):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in(county.officer).cookies
    send.browser = browser
    assert send.begin(5).status_code == 403
    browser.cookies["csrftoken"] = "a" * 32
    assert send.begin(5, X_CSRFToken="a" * 32).status_code == 201


def test_a_limit_with_another_name_is_named(settings, send):
    settings.QINGKONG_UPLOADS = {"larget": 1}
    with pytest.raises(TypeError, match="larget"):
        send.begin(5)


# --- two at once ---------------------------------------------------------------------------------------------


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


# --- the whole by PUT ----------------------------------------------------------------------------------------


def test_the_whole_file_comes_by_put_without_tus(send):
    where = send.begun(len(CONTENT))
    answer = send.ask("PUT", where, CONTENT, Tus_Resumable="")
    assert (answer.status_code, answer["X-Content-SHA256"]) == (204, hashlib.sha256(CONTENT).hexdigest())


def handed(folder, content=CONTENT):
    folder.mkdir(exist_ok=True)
    file = folder / "0000000001"
    file.write_bytes(content)
    return file


@pytest.fixture
def proxy(settings, home):
    settings.QINGKONG_PROXY_SECRET = "s" * 40
    settings.QINGKONG_PROXY_BODIES = str(home / "bodies")
    return {"X_Qingkong_Proxy": "s" * 40}


def test_a_file_that_the_proxy_wrote_is_renamed_into_its_place_and_hashed(send, home, proxy):
    file = handed(home / "bodies")
    inode = file.stat().st_ino
    where = send.begun(len(CONTENT))
    answer = send.ask("PUT", where, X_Qingkong_Body_File=str(file), **proxy)
    assert (answer.status_code, answer["X-Content-SHA256"]) == (204, hashlib.sha256(CONTENT).hexdigest())
    assert not file.exists()
    assert pieces().path(Upload.objects.get().pk).stat().st_ino == inode


def test_without_the_proxys_secret_a_file_is_not_believed(send, home, proxy):
    file = handed(home / "bodies")
    where = send.begun(len(CONTENT))
    for secret in ({}, {"X_Qingkong_Proxy": "guess"}):
        assert send.ask("PUT", where, X_Qingkong_Body_File=str(file), **secret).status_code == 204
        assert send.offset(where) == 0
        assert file.exists()


def test_from_another_machine_the_proxys_secret_is_not_believed(send, home, proxy):
    file = handed(home / "bodies")
    where = send.begun(len(CONTENT))
    send.browser.defaults["REMOTE_ADDR"] = "192.0.2.7"
    send.ask("PUT", where, X_Qingkong_Body_File=str(file), **proxy)
    assert send.offset(where) == 0


@pytest.mark.parametrize(
    "place", ["elsewhere/0000000001", "bodies/../elsewhere/0000000001", "bodies/link", "bodies/none"]
)
def test_a_file_outside_the_proxys_folder_is_never_taken(send, home, proxy, place):
    file = handed(home / "elsewhere")
    (home / "bodies").mkdir()
    (home / "bodies" / "link").symlink_to(file)
    where = send.begun(len(CONTENT))
    answer = send.ask("PUT", where, X_Qingkong_Body_File=str(home / place), **proxy)
    assert answer.status_code == 400
    assert file.read_bytes() == CONTENT
    assert send.offset(where) == 0


@pytest.mark.parametrize(("size", "status"), [(len(CONTENT) + 1, 409), (len(CONTENT) - 1, 413)])
def test_a_handed_file_of_another_size_is_refused_and_stays(send, home, proxy, size, status):
    file = handed(home / "bodies")
    where = send.begun(size)
    assert send.ask("PUT", where, X_Qingkong_Body_File=str(file), **proxy).status_code == status
    assert send.offset(where) == 0


# --- becoming evidence ---------------------------------------------------------------------------------------


def register(county, call, where, **more):
    id = arriving.ids_of(where)[0]
    return arriving.register_arrived(id, link=call, source=Source.PHONE, request=Asked(county.officer), **more)


def test_an_upload_becomes_evidence_by_the_operation_of_every_other_way_with_one_entry(send, county, call):
    content = a_jpeg()
    before = len(ledger.timeline(call.number, limit=500))
    item = register(county, call, send.sent(content, name="示例.jpg"))
    assert (item.original_id, item.kind, item.call_number) == (
        hashlib.sha256(content).hexdigest(),
        "photo",
        call.number,
    )
    assert ledger_acts(item) == ["evidence.registered"]
    assert len(ledger.timeline(call.number, limit=500)) == before + 1
    with vault.open(item.original_id) as kept:
        assert kept.read() == content
    assert list(pieces().keys()) == []


def test_a_program_that_calls_itself_a_picture_is_quarantined_however_it_came(send, county, call):
    item = register(county, call, send.sent(b"\x7fELF\x02\x01\x01" + bytes(200), name="照片.jpg"))
    assert item.is_quarantined


def test_an_upload_is_registered_once_even_if_the_first_try_died_before_it_said_so(send, county, call, monkeypatch):
    where = send.sent(a_jpeg())
    with monkeypatch.context() as patch:
        patch.setattr(operations, "used", lambda **_: None)  # killed right before
        first = register(county, call, where)
    again = register(county, call, where)
    assert (again.pk, again.already) == (first.pk, True)
    assert EvidenceItem.objects.count() == 1
    assert Upload.objects.get().state == State.USED


def test_what_is_not_whole_is_not_registered(send, county, call):
    where = send.begun(100)
    send.patch(where, 0, b"x" * 99)
    with pytest.raises(operations.NotWhole):
        register(county, call, where)
    send.patch(where, 99, b"x")
    assert register(county, call, where).size == 100


def test_what_was_whole_when_the_server_died_is_hashed_when_it_is_registered(send, county, call):
    where = send.sent(b"0123456789")
    Upload.objects.update(state=State.OPEN, sha256="", received=4)  # killed after the bytes, before the row
    assert send.offset(where) == 10
    assert register(county, call, where).original_id == hashlib.sha256(b"0123456789").hexdigest()


def test_nobody_registers_what_another_sent(send, county, call):
    where = send.sent(b"0123456789")
    with pytest.raises(operations.NotFound):
        arriving.register_arrived(
            arriving.ids_of(where)[0], link=call, source=Source.PHONE, request=Asked(county.second_officer)
        )


# --- a torn tail ---------------------------------------------------------------------------------------------


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


# --- the desk's form -----------------------------------------------------------------------------------------


def submit(send, call, *places, **more):
    fields = {"link": call.number, "source": "body_camera", "arrived": " ".join(places), **more}
    return send.browser.post("/desk/evidence/register/", fields)


def test_the_desks_form_registers_what_came_in_pieces(send, call):
    answer = submit(send, call, send.sent(a_jpeg(), name="一.jpg"), note="概貌")
    item = EvidenceItem.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/desk/evidence/{item.pk}/")
    assert (item.note, item.kind) == ("概貌", "photo")


def test_a_form_with_an_error_keeps_what_has_come_and_names_it(send, call):
    where = send.sent(a_jpeg(), name="示例.jpg")
    answer = submit(send, call, where, note="长" * 61)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "不用重传：示例.jpg" in page and where in page
    assert submit(send, call, where).status_code == 303


def test_a_form_sent_twice_leads_to_the_same_item(send, call):
    where = send.sent(a_jpeg())
    first, second = submit(send, call, where), submit(send, call, where)
    assert first["Location"] == second["Location"]
    assert EvidenceItem.objects.count() == 1


@pytest.mark.parametrize("place", ["nonsense", "/uploads/01a20d85-b58a-7651-b46f-92a2b1f2bfcd", " ".join(["x"] * 60)])
def test_an_upload_that_is_none_is_a_sentence_on_the_form(send, call, place):
    answer = submit(send, call, place)
    assert answer.status_code == 422
    assert "上传" in answer.content.decode()
