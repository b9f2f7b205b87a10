"""A file that came in pieces is complete and hashed already: it is moved in, not copied."""

import hashlib

import pytest

from qingkong.kernel import vault

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

ABC = hashlib.sha256(b"abc").hexdigest()


@pytest.fixture
def arrived(home):
    """A complete file on the vault's disk."""
    file = home / "vault" / "pieces" / "1"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"abc")
    return file


def test_a_complete_file_is_moved_in_and_read_only(arrived):
    inode = arrived.stat().st_ino
    assert vault.adopt(arrived, sha256=ABC, size=3) == vault.Stored(ABC, 3, True)
    assert not arrived.exists()
    assert vault.path(ABC).stat().st_ino == inode
    assert vault.path(ABC).stat().st_mode & 0o777 == 0o444
    assert vault.scrub() == []


def test_into_an_empty_instance_as_well(arrived):
    assert vault.adopt(arrived, sha256=ABC, size=3).stored


def test_bytes_the_vault_has_are_not_kept_twice(arrived, tmp_path):
    vault.adopt(arrived, sha256=ABC, size=3)
    arrived.write_bytes(b"abc")
    assert vault.adopt(arrived, sha256=ABC, size=3) == vault.Stored(ABC, 3, False)
    assert not arrived.exists()


def test_after_a_kill_in_between_the_same_call_finishes_it(arrived):
    vault.store().keep(arrived, ABC, 3)
    assert not vault.Blob.objects.exists()
    assert vault.adopt(arrived, sha256=ABC, size=3) == vault.Stored(ABC, 3, True)
    assert vault.Blob.objects.count() == 1


def test_a_file_that_is_nowhere_is_missing(home):
    with pytest.raises(vault.Missing):
        vault.adopt(home / "vault" / "pieces" / "2", sha256=ABC, size=3)


@pytest.mark.parametrize("size", [2, 4])
def test_a_file_of_another_size_is_refused_and_stays(arrived, size):
    with pytest.raises(vault.CannotReceive, match="没有收"):
        vault.adopt(arrived, sha256=ABC, size=size)
    assert arrived.exists()
    assert not vault.exists(ABC)


def test_what_was_erased_by_law_is_refused(arrived, county, django_capture_on_commit_callbacks):
    vault.adopt(arrived, sha256=ABC, size=3)
    with django_capture_on_commit_callbacks(execute=True):
        vault.erase(ABC, ground="第一条", actor=county.case_office, second=county.bureau_leader, at=county.at)
    arrived.write_bytes(b"abc")
    with pytest.raises(vault.CannotReceive, match="依法销毁"):
        vault.adopt(arrived, sha256=ABC, size=3)
    assert not vault.exists(ABC)
