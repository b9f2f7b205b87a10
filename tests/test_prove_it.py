"""“Prove it” on the page of any subject: a zip that the checker accepts, made by who may, entered as made."""

import io
import zipfile

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.domains.enforcement.cases.tests import build
from qingkong.kernel import ledger
from qingkong.kernel.papers.fonts import NoChineseFont
from qingkong.project.proofs import hang
from qingkong.web import proving
from qingkong_verify.bundle import check_bundle
from tests.conftest import TOLD

pytestmark = pytest.mark.django_db(databases=["default", "passing"])


def place(record) -> str:
    return f"/desk/prove/{record._meta.label_lower}/{record.pk}/"


def ask(client, record, content="commitments", purpose="提交法院", reference=""):
    return client.post(place(record), {"content": content, "purpose": purpose, "reference": reference})


def checked(answer, tmp_path):
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip", answer.content.decode()
    (tmp_path / "sent.zip").write_bytes(answer.content)
    return check_bundle(tmp_path / "sent.zip", [ledger.vkey()])


def test_an_officer_proves_a_call_and_the_checker_agrees(as_officer, call, tmp_path):
    client = as_officer("officer")
    assert place(call) in client.get(f"/desk/calls/{call.pk}/").content.decode()
    page = client.get(place(call))
    assert page.status_code == 200 and call.number in page.content.decode()
    before = len(ledger.timeline(call.number, limit=100))
    found = checked(ask(client, call), tmp_path)
    assert (found.thread, len(found.entries)) == (call.number, before)
    assert not any(told.proved.facts for told in found.entries)
    assert found.made.entry["purpose"] == "提交法院"
    assert ledger_acts(call)[-1] == "ledger.bundled"


def test_contents_go_out_under_a_look_with_an_open_reference(as_officer, call, tmp_path):
    client = as_officer("officer")
    found = checked(ask(client, call, "facts", reference=call.number), tmp_path)
    assert TOLD in str([told.proved.facts for told in found.entries])
    assert ledger_acts(call)[-2:] == ["access.looked", "ledger.bundled"]
    (look,) = [told for told in found.entries if told.proved.entry["act"] == "access.looked"]
    assert look.proved.facts is None


@pytest.mark.parametrize("reference", ["", "J1999-000001", "A2026-000001"])
def test_without_an_open_reference_no_content_goes_out(as_officer, call, reference):
    answer = ask(as_officer("officer"), call, "facts", reference=reference)
    assert answer.status_code == 403 and b"PK" not in answer.content[:2]
    assert "ledger.bundled" not in ledger_acts(call)


def test_a_bundle_needs_to_say_for_whom(as_officer, call):
    answer = ask(as_officer("officer"), call, purpose=" ")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "ledger.bundled" not in ledger_acts(call)


@pytest.mark.parametrize(
    ("name", "status"), [("supervisor", 403), ("administrator", 403), ("auxiliary", 403), ("stranger", 404)]
)
def test_who_may_not_see_it_cannot_prove_it(as_officer, call, name, status):
    client = as_officer(name)
    assert client.get(place(call)).status_code == status
    assert ask(client, call).status_code == status


def test_what_isnt_a_subject_is_not_found(as_officer, call):
    client = as_officer("officer")
    for address in (f"/desk/prove/identity.officer/{call.pk}/", f"/desk/prove/cases.case/{call.pk}/", f"/desk/prove/calls.call/{'0' * 8}-0000-7000-8000-{'0' * 12}/"):  # fmt: skip
        assert client.get(address).status_code in (403, 404)


def test_an_officer_adds_the_papers_of_ones_own(as_officer, county, tmp_path):
    try:
        report = build.report(county)
    except NoChineseFont:
        pytest.skip("fonts-noto-cjk isn't installed")
    client = as_officer("window")
    found = checked(ask(client, report, "papers", reference=report.number), tmp_path)
    (paper,) = found.attached
    assert paper.startswith("files/") and paper.endswith(".pdf")
    with zipfile.ZipFile(tmp_path / "sent.zip") as packed:
        assert [packed.read(n)[:4] for n in packed.namelist() if n.endswith(".pdf")] == [b"%PDF"]


def test_every_kind_of_subject_that_has_a_page_and_a_thread_can_be_proved():
    hang()
    assert set(proving._provable) == {
        "calls.call", "cases.case", "cases.report", "evidence.evidenceitem", "property.exhibit", "dossiers.dossier",
    }  # fmt: skip


# --- what everybody may read -----------------------------------------------------------------------------------


def test_everybody_reads_who_cosigned_what_and_what_isnt_yet(client, call, tmp_path):
    from qingkong.kernel.ledger.cosigning import cosign

    page = client.get("/check/").content.decode()
    assert "还没有外部单位联署" in page and ledger.vkey().split("+")[0] in page
    cosign(tmp_path / "outside", name="procuratorate/370923", at=AT)
    page = client.get("/check/").content.decode()
    assert "procuratorate/370923" in page and "每一笔都有外部单位见过" in page
    assert "<script" not in page


def test_the_checker_is_handed_out_whole_and_with_its_digest(client, call, tmp_path):
    from hashlib import sha256

    answer = client.get("/check/qingkong-verify.pyz")
    assert sha256(answer.content).hexdigest() in client.get("/check/").content.decode()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as app:
        assert "qingkong_verify/watching.py" in app.namelist()


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "没有证明"), ("en", "It isn't proved")])
def test_a_lawyer_reads_what_is_proved_and_what_isnt(client, language, words):
    client.cookies["language"] = language
    assert words in client.get("/check/proof/").content.decode()
