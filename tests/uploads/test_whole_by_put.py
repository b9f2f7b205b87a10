"""The whole file by PUT: read like any body, or renamed where the proxy in front has written it."""

import hashlib
import os

import pytest

from qingkong.kernel.vault.pieces import pieces
from qingkong.web.uploads.models import Upload

pytestmark = pytest.mark.django_db(databases=["default", "passing"])
CONTENT = os.urandom(300_000)


def reason(answer):
    return answer.json()["reason"]


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
