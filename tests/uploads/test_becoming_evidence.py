"""What came in pieces becomes evidence by the operation of every other way, from the desk's form too."""

import hashlib
import os

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.queries import Source
from qingkong.domains.enforcement.evidence.tests.building import a_jpeg
from qingkong.domains.enforcement.evidence.ways import arriving
from qingkong.kernel import ledger, vault
from qingkong.kernel.vault.pieces import pieces
from qingkong.web.uploads import operations
from qingkong.web.uploads.models import State, Upload

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
CONTENT = os.urandom(300_000)


def reason(answer):
    return answer.json()["reason"]


class Asked:
    def __init__(self, actor, at=AT):
        self.actor, self.at = actor, at


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


def test_the_name_is_sealed_in_the_database_and_gone_once_registered(send, county, call):
    where = send.sent(a_jpeg(), name="示例姓名.jpg")
    assert "示例姓名" not in str(Upload.objects.values().get())
    assert Upload.objects.get().__dict__["metadata"] != ""
    register(county, call, where)
    assert Upload.objects.get().told == ""
