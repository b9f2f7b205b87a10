import hashlib
import io
import os

import pytest

from qingkong.kernel import vault

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

ABC = hashlib.sha256(b"abc").hexdigest()


def _files(home):
    return [f for f in (home / "vault").rglob("*") if f.is_file() and f.name != ".lock"]


def test_a_stream_is_taken_in_and_read_back(home):
    stored = vault.receive(io.BytesIO(b"abc"))
    assert stored == vault.Stored(ABC, 3, True)
    assert vault.open(ABC).read() == b"abc"
    assert vault.path(ABC).parent.parent == home / "vault" / "blobs"
    assert vault.Blob.objects.get().size == 3


def test_the_same_bytes_are_one_blob(tmp_path):
    file = tmp_path / "b.mov"
    file.write_bytes(b"abc")
    assert vault.receive(io.BytesIO(b"abc")).stored
    assert vault.receive(file) == vault.Stored(ABC, 3, False)
    assert vault.Blob.objects.count() == 1


def test_an_empty_body_is_refused(home):
    with pytest.raises(vault.CannotReceive, match="空的"):
        vault.receive(io.BytesIO(b""))
    assert _files(home) == []


@pytest.mark.parametrize("promised", [4, 2])
def test_a_body_of_another_size_than_promised_is_refused(home, promised):
    with pytest.raises(vault.CannotReceive, match=f"收到 3 字节，应有 {promised} 字节"):
        vault.receive(io.BytesIO(b"abc"), promised_size=promised)
    assert _files(home) == []
    assert not vault.Blob.objects.exists()


def test_a_wrong_promised_digest_is_refused(home):
    with pytest.raises(vault.CannotReceive, match="校验值不一致"):
        vault.receive(io.BytesIO(b"abd"), promised_sha256=ABC)
    assert _files(home) == []


def test_a_right_promised_digest_is_accepted_in_either_case():
    assert vault.receive(io.BytesIO(b"abc"), promised_sha256=ABC.upper()).sha256 == ABC


BAD_NAMES = [
    "../x.jpg", "..", ".", "a/b.jpg", "a\\b.jpg", "/etc/passwd", "C:evil.jpg", "a\x00.jpg", "a\n.jpg",
    "gpj.\u202eexe", "x" * 201, "   ",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_tries_to_leave_its_folder_or_deceive_is_refused(home, name):
    with pytest.raises(vault.CannotReceive, match="不能用"):
        vault.receive(io.BytesIO(b"abc"), name=name)
    assert _files(home) == []


@pytest.mark.parametrize("name", ["现场 照片(1).jpg", "a..b.mov", "ünïcode.mp4", "20261124_0830.MOV"])
def test_an_ordinary_name_is_fine(name):
    assert vault.receive(io.BytesIO(b"abc"), name=name).sha256 == ABC


def test_what_is_no_regular_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(vault.CannotReceive, match="不是普通文件"):
            vault.receive(path)
    with pytest.raises(vault.CannotReceive, match="读不了"):
        vault.receive(tmp_path / "absent")


def test_a_blob_row_can_be_neither_changed_nor_deleted():
    from django.db import DatabaseError, transaction

    vault.receive(io.BytesIO(b"abc"))
    for change in (lambda: vault.Blob.objects.update(size=4), lambda: vault.Blob.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_what_is_not_there_is_not_found():
    for name in ("0" * 64, "../../etc/passwd", ""):
        with pytest.raises(vault.Missing):
            vault.open(name)
        assert not vault.exists(name)


def test_a_blob_that_a_crash_left_without_its_row_is_adopted(home):
    folder = vault.store()
    with folder.arriving(io.BytesIO(b"abc")) as (file, sha256, size):
        folder.keep(file, sha256, size)
    assert [p.kind for p in vault.scrub()] == [vault.ProblemKind.UNKNOWN]
    assert vault.receive(io.BytesIO(b"abc")).stored
    assert vault.scrub() == []
