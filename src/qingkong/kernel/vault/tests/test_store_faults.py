"""The store dies, hangs, comes back; processes die on the way to it. Nothing is lost, nothing doubled, nothing half there."""

import hashlib
import io
import os
import random
import subprocess
import sys
import threading
import time

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.kernel import access, vault
from qingkong.kernel.vault import place
from qingkong.kernel.vault.remote import BadKeys
from qingkong.kernel.vault.tests import keeping
from qingkong.kernel.vault.waiting import Waiting

pytestmark = [pytest.mark.django_db]

ABC = hashlib.sha256(b"abc").hexdigest()
LARGE = random.Random(5).randbytes(64 * 2**20)
GROUND = "公安机关办理行政案件程序规定第一百九十六条"


def _carry_on():
    return vault.carry_on(actor=access.system("jobs"), at=AT)


def _kill_once_it_holds(weed, more, stop):
    """Kill the store when `more` bytes of a put lie on its disk."""
    before = _bytes_in(weed.folder)
    while not stop.is_set():
        if _bytes_in(weed.folder) > before + more:
            weed.kill()
            return
        time.sleep(0.002)


def _bytes_in(folder):
    return sum(file.stat().st_size for file in folder.glob("*.dat"))


@pytest.mark.parametrize(
    "share", [0.3, pytest.param(0.05, marks=pytest.mark.deep), pytest.param(0.8, marks=pytest.mark.deep)]
)
def test_a_store_killed_in_the_middle_of_a_put_gets_the_whole_file_when_it_is_back(weed, bucket, share):
    stop = threading.Event()
    killer = threading.Thread(target=_kill_once_it_holds, args=(weed, int(len(LARGE) * share), stop))
    killer.start()
    try:
        with pytest.raises(vault.StoreAway, match="不会丢"):
            vault.receive(io.BytesIO(LARGE))
    finally:
        stop.set()
        killer.join()
    assert weed.process is None
    assert not vault.Blob.objects.exists()
    assert vault.waiting_now() == 1
    assert _carry_on() == 0
    assert vault.waiting_now() == 1

    weed.start()
    sha256 = hashlib.sha256(LARGE).hexdigest()
    _until_back(bucket)
    assert not vault.exists(sha256)
    assert list(bucket.files()) == []
    assert _carry_on() == 1
    assert vault.exists(sha256)
    assert vault.scrub() == []
    assert vault.waiting_now() == 0
    assert vault.receive(io.BytesIO(LARGE)) == vault.Stored(sha256, len(LARGE), False)
    assert _carry_on() == 0


def _until_back(bucket):
    """A store that timed out isn't asked again for a moment."""
    until = time.monotonic() + 30
    while True:
        try:
            bucket.has(ABC)
            return
        except vault.StoreAway:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_while_the_store_is_away_people_are_told_and_the_file_waits_and_is_entered_once(weed, bucket, county):
    weed.kill()
    for _ in range(2):
        with pytest.raises(vault.StoreAway) as told:
            vault.receive(io.BytesIO(b"abc"))
        assert told.value.status == 503
        assert "自动存入" in str(told.value)
    assert vault.waiting_now() == 1
    for ask in (vault.exists, vault.open, vault.path):
        with pytest.raises(vault.StoreAway, match="连不上"):
            ask(ABC)
    with pytest.raises(vault.StoreAway):
        vault.scrub()
    weed.start()
    assert [_carry_on(), _carry_on()] == [1, 0]
    assert ledger_acts(f"vault.blob:{ABC}") == ["vault.carried"]


@pytest.mark.deep
def test_who_submits_again_before_the_job_ran_has_it_at_once_and_nothing_waits(weed, bucket):
    weed.kill()
    with pytest.raises(vault.StoreAway):
        vault.receive(io.BytesIO(b"abc"))
    weed.start()
    assert vault.receive(io.BytesIO(b"abc")).stored
    assert vault.waiting_now() == 0
    assert _carry_on() == 0


def test_what_was_read_lately_is_still_read_while_the_store_is_away(weed, bucket):
    vault.receive(io.BytesIO(b"abc"))
    weed.kill()
    assert vault.open(ABC).read() == b"abc"
    with vault.local(ABC) as file:
        assert file.read_bytes() == b"abc"


@pytest.mark.deep
def test_a_store_that_hangs_is_given_up_and_not_asked_again_by_the_next_one(weed, address, bucket, settings):
    settings.QINGKONG_VAULT = address.replace("timeout=10", "timeout=1.5")
    weed.freeze()
    try:
        with pytest.raises(vault.StoreAway):
            vault.receive(io.BytesIO(b"abc"))
        began = time.monotonic()
        with pytest.raises(vault.StoreAway):
            vault.exists(ABC)
        assert time.monotonic() - began < 1.4  # less than any timeout: it wasn't asked
    finally:
        weed.thaw()
    _until_back(vault.store())
    assert _carry_on() == 1
    assert vault.scrub() == []


@pytest.mark.deep
def test_an_erasure_while_the_store_is_away_is_carried_out_when_it_is_back(
    weed, bucket, county, django_capture_on_commit_callbacks
):
    vault.receive(io.BytesIO(b"abc"))
    weed.kill()
    with django_capture_on_commit_callbacks(execute=True):
        vault.erase(ABC, ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=county.at)
    assert not bucket.cache.path(ABC).exists()
    weed.start()
    _carry_on()
    assert list(bucket.remote.list("blobs/")) == []
    assert not vault.exists(ABC)
    assert vault.scrub() == []


def test_a_wrong_key_or_a_missing_bucket_is_said_and_nothing_is_lost(weed, address, bucket, settings, tmp_path):
    (tmp_path / "s3.toml").write_text('access_key = "qingkong-tests"\nsecret_key = "wrong"\n')
    place._bucket.cache_clear()
    with pytest.raises(vault.StoreAway, match="密钥"):
        vault.receive(io.BytesIO(b"abc"))
    assert vault.waiting_now() == 1


def test_keys_that_others_can_read_are_refused(weed, bucket, tmp_path):
    (tmp_path / "s3.toml").chmod(0o644)
    place._bucket.cache_clear()
    with pytest.raises(BadKeys, match="别人也能读"):
        vault.exists(ABC)


def _start(home, address, file, step=""):
    command = [sys.executable, keeping.__file__, str(home), str(home / "keys"), address, str(file), str(step)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_processes_that_bring_the_same_bytes_at_once_make_one_object(bucket, address, home, tmp_path):
    file = tmp_path / "film"
    file.write_bytes(LARGE[: 20 * 2**20])
    children = [_start(home, address, file) for _ in range(3)]
    said = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], said
    assert sorted(out.strip() for out, _ in said) == ["False", "False", "True"]
    assert len(list(bucket.files())) == 1
    assert vault.waiting_now() == 0
    assert [p.kind for p in vault.scrub()] == [vault.ProblemKind.UNKNOWN]  # no process of these makes the row


@pytest.mark.parametrize("size", [3, pytest.param(9 * 2**20, marks=pytest.mark.deep)])
def test_a_process_killed_before_any_request_leaves_all_or_nothing_and_is_carried_on(
    bucket, address, home, tmp_path, size
):
    """Before each rename and each request in turn, until one comes through."""
    kills = 0
    while True:
        content = LARGE[kills : kills + size]
        sha256 = hashlib.sha256(content).hexdigest()
        file = tmp_path / "file"
        file.write_bytes(content)
        child = _start(home, address, file, kills)
        child.communicate(timeout=60)
        if child.returncode == 0:
            break
        assert child.returncode == -9
        place.spool().sweep()
        there = bucket.has(sha256)
        assert there == bucket.is_sound(sha256, size) or not there
        waited = vault.waiting_now()
        assert _carry_on() == waited
        assert waited or there or vault.receive(io.BytesIO(content)).stored
        assert vault.waiting_now() == 0
        kills += 1
    assert kills >= 6
    assert {p.kind for p in vault.scrub()} <= {vault.ProblemKind.UNKNOWN}
    assert list(bucket.orphans()) == []


@pytest.mark.deep
def test_a_process_killed_in_the_middle_of_a_large_put_leaves_an_upload_without_end_that_is_let_go(
    weed, bucket, address, home, tmp_path
):
    file = tmp_path / "film"
    file.write_bytes(LARGE)
    before = _bytes_in(weed.folder)
    child = _start(home, address, file)
    until = time.monotonic() + 60
    while _bytes_in(weed.folder) < before + len(LARGE) // 3:
        assert time.monotonic() < until
        time.sleep(0.002)
    child.kill()
    child.communicate()
    assert child.returncode == -9
    assert list(bucket.files()) == []
    left = list(bucket.orphans())
    assert [orphan.sha256 for orphan in left if orphan.upload] == [hashlib.sha256(LARGE).hexdigest()]
    assert all(bucket.sweep_orphan(orphan) for orphan in left)
    assert list(bucket.orphans()) == []
    assert _carry_on() == 1
    assert vault.scrub() == []


@pytest.mark.deep
def test_memory_stays_flat_on_the_way_into_a_store_and_back(bucket, address, home, tmp_path):
    """A file twenty times as large takes no more than the parts that are under way at once."""
    peaks = []
    for size in (10, 200):
        file = tmp_path / f"{size}"
        with file.open("wb") as out:
            out.truncate(size * 2**20)
        child = _start(home, address, file)
        _, status, used = os.wait4(child.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        peaks.append(used.ru_maxrss * 1024)
    assert peaks[1] - peaks[0] < 64 * 2**20


def test_a_file_damaged_on_this_disk_while_it_waited_is_not_put(bucket, tmp_path):
    file = tmp_path / "damaged"
    file.write_bytes(b"abd")
    Waiting(place.root()).take(file, ABC)
    assert _carry_on() == 0
    assert not vault.exists(ABC)
    assert vault.waiting_now() == 0
