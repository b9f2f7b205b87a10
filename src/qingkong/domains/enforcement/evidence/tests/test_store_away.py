"""The store behind the vault is away: who registers evidence or opens it is told so, and nothing that arrived is lost."""

import pytest

from qingkong.domains.enforcement.evidence.models import EvidenceItem
from qingkong.domains.enforcement.evidence.tests.building import a_jpeg, drawn, register
from qingkong.domains.enforcement.evidence.tests.test_pages import fields, text, upload, url
from qingkong.kernel import vault

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
pytest.importorskip("obstore", reason="no obstore here: pip install 'qingkong[s3]' brings it")


@pytest.fixture
def away(home, settings):
    """Call it, and originals are in a store that nobody answers for."""
    keys = home / "s3.toml"
    keys.touch(mode=0o600)
    keys.write_text('access_key = "a"\nsecret_key = "b"\n')

    def leave():
        settings.QINGKONG_VAULT = f"s3://vault/p?endpoint=http://127.0.0.1:1&keys={keys}"

    return leave


def test_an_officer_who_registers_is_told_and_the_file_waits(signed_in, county, call, away):
    away()
    answer = signed_in(county.officer).post(url("desk:evidence.register"), fields(call))
    assert answer.status_code in (409, 422, 503)
    assert "不会丢" in text(answer)
    assert vault.waiting_now() == 1
    assert not EvidenceItem.objects.exists()


def test_each_of_several_files_waits(signed_in, county, call, away):
    away()
    files = [upload(f"{n}.jpg", a_jpeg(size=(100 + n, 80))) for n in range(3)]
    answer = signed_in(county.officer).post(url("desk:evidence.register"), fields(call, *files))
    assert all(f"{n}.jpg" in text(answer) for n in range(3))
    assert vault.waiting_now() == 3


def test_in_english_too(signed_in, county, call, away):
    away()
    answer = signed_in(county.officer, language="en").post(url("desk:evidence.register"), fields(call))
    assert "safe on this machine" in text(answer)


def test_a_program_that_registers_is_answered_503(signed_in, county, call, away):
    away()
    sent = {"link": call.number, "source": "camera", "file": upload()}
    answer = signed_in(county.officer).post("/api/v1/evidence/", sent)
    assert answer.status_code == 503
    assert vault.waiting_now() == 1


def test_a_picture_that_cannot_be_read_now_is_said_before_the_answer_begins(signed_in, county, case, away):
    item = drawn(county, register(county, case, a_jpeg()))
    browser = signed_in(county.officer)
    browser.post(url("desk:evidence.open", item))
    away()
    answer = browser.get(url("desk:evidence.content", item, what="view"))
    assert answer.status_code == 503
    assert "连不上" in text(answer)
    answer = browser.post(url("desk:evidence.download", item))
    assert answer.status_code == 503
