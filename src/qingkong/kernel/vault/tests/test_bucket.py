"""Originals in a real S3 store: what is there, what is only half there, and what anybody may believe."""

import hashlib
import io
import json
import random

import pytest

from qingkong.kernel import vault
from qingkong.kernel.vault import reading
from qingkong.kernel.vault.backend import NotAsSent
from qingkong.kernel.vault.pouring import PIECE
from qingkong.kernel.vault.remote import PART

pytestmark = [pytest.mark.django_db]

ABC = hashlib.sha256(b"abc").hexdigest()
GROUND = "公安机关办理行政案件程序规定第一百九十六条"


def _content(size, seed=1):
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("size", [1, PIECE + 1, PART, 2 * PART + 17])
def test_what_is_kept_is_what_came(bucket, size):
    content = _content(size)
    stored = vault.receive(io.BytesIO(content))
    assert stored == vault.Stored(hashlib.sha256(content).hexdigest(), size, True)
    bucket.cache.drop(stored.sha256)
    with vault.open(stored.sha256) as kept:
        assert kept.read() == content
    assert vault.scrub() == []
    assert vault.Blob.objects.get().size == size


def test_a_range_is_read_from_the_middle(bucket):
    content = _content(PART + 999)
    sha256 = vault.receive(io.BytesIO(content)).sha256
    bucket.cache.drop(sha256)
    with vault.open(sha256) as kept:
        kept.seek(PART - 50)
        assert kept.read(100) == content[PART - 50 : PART + 50]
        kept.seek(-7, io.SEEK_END)
        assert kept.read() == content[-7:]
        kept.seek(3)
        assert kept.read(4) == content[3:7]


def test_nothing_stays_in_the_spool_and_nothing_waits(bucket):
    vault.receive(io.BytesIO(b"abc"))
    assert [file.name for file in bucket.spool.iterdir()] == [".lock"]
    assert vault.waiting_now() == 0


def test_the_same_bytes_are_one_object(bucket):
    assert vault.receive(io.BytesIO(b"abc")).stored
    assert vault.receive(io.BytesIO(b"abc")) == vault.Stored(ABC, 3, False)
    assert len(list(bucket.remote.list("blobs/"))) == 1
    assert vault.Blob.objects.count() == 1


def test_a_content_without_its_marker_does_not_exist(bucket):
    bucket.remote.put(f"blobs/ba/{ABC}", b"abc")
    assert not vault.exists(ABC)
    with pytest.raises(vault.Missing):
        vault.open(ABC)
    with pytest.raises(vault.Missing), vault.local(ABC):
        pass
    assert list(bucket.files()) == []


def test_half_a_content_left_by_a_cut_put_is_replaced_by_the_whole(bucket):
    bucket.remote.put(f"blobs/ba/{ABC}", b"ab")
    assert vault.receive(io.BytesIO(b"abc")).stored
    bucket.cache.drop(ABC)
    assert vault.open(ABC).read() == b"abc"


def test_a_marker_whose_content_is_gone_is_named_and_healed_by_the_same_bytes(bucket):
    vault.receive(io.BytesIO(b"abc"))
    bucket.remote.delete(f"blobs/ba/{ABC}")
    assert [(p.kind, p.name) for p in vault.scrub()] == [(vault.ProblemKind.MISSING, ABC)]
    vault.receive(io.BytesIO(b"abc"))
    assert vault.scrub() == []


def test_bytes_altered_in_the_store_are_found_set_aside_and_replaced(bucket):
    vault.receive(io.BytesIO(b"abc"))
    bucket.remote.put(f"blobs/ba/{ABC}", b"abd")
    assert vault.scrub(quick=True) == []
    assert [(p.kind, p.name) for p in vault.scrub()] == [(vault.ProblemKind.ALTERED, ABC)]
    vault.receive(io.BytesIO(b"abc"))
    bucket.cache.drop(ABC)
    assert vault.open(ABC).read() == b"abc"
    assert bucket.remote.get(f"damaged/{ABC}") == b"abd"
    assert [(p.kind, p.name) for p in vault.scrub()] == [(vault.ProblemKind.ALTERED, f"{ABC}.damaged")]


def test_a_local_copy_is_refused_when_the_store_gives_other_bytes(bucket):
    vault.receive(io.BytesIO(b"abc"))
    bucket.cache.drop(ABC)
    bucket.remote.put(f"blobs/ba/{ABC}", b"abd")
    with pytest.raises(vault.Altered, match="不一致"), vault.local(ABC):
        pass
    assert not bucket.cache.path(ABC).exists()


def test_a_program_gets_a_file_with_the_whole_content(bucket):
    content = _content(3 * PIECE)
    sha256 = vault.receive(io.BytesIO(content)).sha256
    bucket.cache.drop(sha256)
    with vault.local(sha256) as file:
        assert file.read_bytes() == content
    assert vault.path(sha256).read_bytes() == content


def test_local_copies_stay_below_their_limit_and_one_in_use_stays(bucket):
    names = [vault.receive(io.BytesIO(_content(4 * PIECE, seed))).sha256 for seed in range(2)]
    limit = bucket.bucket.cache
    with vault.local(names[0]) as used:
        for file in bucket.cache.folder.glob("??/*"):
            _make_old(file)
        vault.receive(io.BytesIO(_content(5 * PIECE, 7)))
        assert used.exists()
        assert not bucket.cache.path(names[1]).exists()
    assert sum(file.stat().st_size for file in bucket.cache.folder.glob("??/*")) <= limit


def _make_old(file):
    import os

    os.utime(file, (1_000_000_000, 1_000_000_000))


def test_other_bytes_than_promised_leave_nothing_in_the_store(bucket):
    for promise in ({"promised_size": 4}, {"promised_sha256": "0" * 64}):
        with pytest.raises(vault.CannotReceive):
            vault.receive(io.BytesIO(b"abc"), **promise)
    assert list(bucket.remote.list("")) == []
    assert vault.waiting_now() == 0


def test_a_file_that_came_in_pieces_is_moved_in(bucket, home):
    file = home / "vault" / "pieces" / "1"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"abc")
    assert vault.adopt(file, sha256=ABC, size=3).stored
    assert not file.exists()
    assert vault.adopt(file, sha256=ABC, size=3) == vault.Stored(ABC, 3, False)


def test_an_erased_content_is_gone_everywhere_and_its_marker_says_so(
    bucket, county, django_capture_on_commit_callbacks
):
    vault.receive(io.BytesIO(b"abc"))
    vault.open(ABC).close()
    with django_capture_on_commit_callbacks(execute=True):
        vault.erase(ABC, ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=county.at)
    assert not vault.exists(ABC)
    with pytest.raises(vault.Missing):
        vault.open(ABC)
    assert list(bucket.remote.list("blobs/")) == []
    assert not bucket.cache.path(ABC).exists()
    assert json.loads(bucket.remote.get(f"markers/ba/{ABC}"))["state"] == "erased"
    assert vault.scrub() == []


def test_what_the_store_knows_as_erased_is_refused_even_by_a_database_that_was_put_back(bucket):
    bucket.erase(ABC)
    with pytest.raises(vault.CannotReceive, match="依法销毁"):
        vault.receive(io.BytesIO(b"abc"))
    assert vault.waiting_now() == 0
    assert not vault.exists(ABC)


def test_cut_off_puts_are_listed_after_a_day_and_cleaned_for_good(bucket, county):
    from datetime import UTC, datetime, timedelta

    kept = vault.receive(io.BytesIO(b"kept")).sha256
    bucket.remote.put(f"blobs/ba/{ABC}", b"abc")
    now = datetime.now(UTC)
    assert vault.orphans(at=now + timedelta(hours=23)) == []
    later = now + timedelta(hours=25)
    assert [orphan.sha256 for orphan in vault.orphans(at=later)] == [ABC]
    assert [(p.kind, p.name) for p in vault.scrub(at=later)] == [(vault.ProblemKind.ORPHAN, ABC)]
    assert [orphan.sha256 for orphan in vault.clean(at=later)] == [ABC]
    assert vault.scrub(at=later) == []
    assert vault.exists(kept)


def test_a_put_that_comes_again_while_orphans_are_cleaned_stays(bucket):
    bucket.remote.put(f"blobs/ba/{ABC}", b"abc")
    (orphan,) = bucket.orphans()
    vault.receive(io.BytesIO(b"abc"))
    assert not bucket.sweep_orphan(orphan)
    assert vault.scrub() == []


def test_where_the_store_keeps_versions_an_erasure_takes_them_all(
    weed, bucket, address, settings, county, django_capture_on_commit_callbacks
):
    weed.keep_versions("versions")
    settings.QINGKONG_VAULT = address.replace("s3://vault/", "s3://versions/")
    kept = vault.store()
    vault.receive(io.BytesIO(b"abc"))
    kept.remote.put(f"blobs/ba/{ABC}", b"overwritten")
    with django_capture_on_commit_callbacks(execute=True):
        vault.erase(ABC, ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=county.at)
    assert kept.remote.kept.purge(f"blobs/ba/{ABC}") == 0
    assert kept.remote.kept.purge(f"markers/ba/{ABC}") == 2  # it was kept, then erased: such versions are asked for


@pytest.mark.parametrize("size", [3, PART + 1])
def test_other_bytes_than_the_name_says_never_exist_however_large(bucket, tmp_path, size):
    """As when the disk of this machine, the network or the store changes them on the way: they are read back."""
    file = tmp_path / "altered"
    file.write_bytes(bytes(size))
    sha256 = hashlib.sha256(b"x" * size).hexdigest()
    with pytest.raises(NotAsSent, match=sha256):
        bucket.put(file, sha256, size)
    assert not bucket.has(sha256)
    assert list(bucket.remote.list("")) == []


def test_a_blob_of_another_size_than_its_row_is_named_by_a_quick_look(bucket):
    vault.receive(io.BytesIO(b"abc"))
    bucket.remote.put(f"blobs/ba/{ABC}", b"ab")
    assert [(p.kind, p.name) for p in vault.scrub(quick=True)] == [(vault.ProblemKind.ALTERED, ABC)]


def test_a_web_server_in_front_finds_a_checked_copy_and_nobody_waits_for_a_whole_film(bucket, monkeypatch):
    stored = vault.receive(io.BytesIO(_content(PART)))
    bucket.cache.drop(stored.sha256)
    monkeypatch.setattr(reading, "SOON", PIECE)
    assert not vault.for_web_server(stored.sha256, stored.size)
    assert not bucket.has_local(stored.sha256)
    with vault.local(stored.sha256):
        assert vault.for_web_server(stored.sha256, stored.size)
    small = vault.receive(io.BytesIO(b"abc"))
    bucket.cache.drop(ABC)
    assert vault.for_web_server(ABC, small.size)
    assert (bucket.cache.folder / ABC[:2] / ABC).read_bytes() == b"abc"
    assert not vault.for_web_server(stored.sha256, bucket.bucket.cache + 1)
