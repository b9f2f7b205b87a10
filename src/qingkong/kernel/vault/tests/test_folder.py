"""The folder alone: what a killed process, a full disk or a flipped bit leaves behind."""

import hashlib
import io
import os
import random
import resource
import signal
import threading
from pathlib import Path

import pytest

from qingkong.kernel.vault.folder import Folder
from qingkong.kernel.vault.pouring import PIECE, pour, sha256_of
from qingkong.killing import in_child

SIZES = [1, 100, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 20 * PIECE + 17]


def _take(folder, source):
    with folder.arriving(source) as (file, sha256, size):
        folder.keep(file, sha256, size)
    return sha256, size


@pytest.mark.parametrize("size", SIZES)
def test_what_is_kept_is_what_came(folder, size):
    content = random.Random(size).randbytes(size)
    sha256, got = _take(folder, io.BytesIO(content))
    assert (sha256, got) == (hashlib.sha256(content).hexdigest(), size)
    assert folder.path(sha256).read_bytes() == content
    assert folder.is_sound(sha256, size)


def test_what_is_kept_is_read_only(folder):
    sha256, _ = _take(folder, io.BytesIO(b"original"))
    assert folder.path(sha256).stat().st_mode & 0o777 == 0o444


class Dribble:
    """Gives what it has in small, uneven reads, as a network does."""

    def __init__(self, content, seed=1):
        self.content, self.at, self.chance = content, 0, random.Random(seed)

    def read(self, size):
        step = self.chance.randint(1, min(size, 40_000))
        self.at += step
        return self.content[self.at - step : self.at]


def test_short_reads_before_the_end_lose_nothing(folder):
    content = random.Random(3).randbytes(3 * PIECE + 5)
    sha256, size = _take(folder, Dribble(content))
    assert (sha256, size) == sha256_of(io.BytesIO(content))


def test_the_hash_of_a_stream_that_breaks_off_leaves_no_thread_and_no_file(folder):
    class Broken(io.BytesIO):
        def readinto(self, buffer):
            if self.tell() > 5 * PIECE:
                raise ConnectionResetError
            return super().readinto(buffer)

    before = threading.active_count()
    with pytest.raises(ConnectionResetError):
        _take(folder, Broken(bytes(9 * PIECE)))
    assert threading.active_count() == before
    assert [f.name for f in folder.spool.iterdir()] == [".lock"]
    assert list(folder.files()) == []


def test_memory_stays_flat(folder, tmp_path):
    """A child that may have 64 MiB more than now takes in 192 MiB."""
    source = tmp_path / "large"
    with source.open("wb") as out:
        out.truncate(192 * PIECE)

    def child():
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 64 * PIECE, -1))
        with source.open("rb", buffering=0) as content:
            _take(folder, content)

    assert in_child(child) == 0
    assert [size for _, size in folder.files()] == [192 * PIECE]


def test_a_full_disk_leaves_nothing(folder):
    def child():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5 * PIECE, -1))
        try:
            _take(folder, io.BytesIO(bytes(9 * PIECE)))
        except OSError:
            return
        raise AssertionError("it was taken in")

    assert in_child(child) == 0
    assert list(folder.files()) == []
    assert [f.name for f in folder.spool.iterdir()] == [".lock"]


STEPS = ("open", "write", "fchmod", "fsync", "rename", "mkdir", "unlink", "close")


@pytest.mark.parametrize("seed", range(3))
def test_a_process_killed_at_any_step_leaves_all_or_nothing(tmp_path, seed):
    """At each system call in turn, until a run comes through: dozens of kills, no half-written blob."""
    content = random.Random(seed).randbytes(2 * PIECE + seed)
    sha256, size = sha256_of(io.BytesIO(content))
    step = kills = 0
    while True:
        folder = Folder(tmp_path / str(step))
        if in_child(lambda at=step, f=folder: _killed_at(at, f, content)) == 0:
            break
        kills += 1
        for name, there in folder.files():
            assert name == sha256
            assert there == size
            assert folder.is_sound(name, there)
        folder.sweep()
        if folder.spool.exists():
            assert {f.name for f in folder.spool.iterdir()} <= {".lock"}
        assert _take(folder, io.BytesIO(content)) == (sha256, size)
        assert folder.is_sound(sha256, size)
        step += 1
    assert kills >= 15


def _killed_at(step, folder, content):
    left = step

    def counted(call):
        def wrapped(*args, **kwargs):
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return call(*args, **kwargs)

        return wrapped

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    _take(folder, io.BytesIO(content))


def test_a_sweep_leaves_what_is_still_arriving(folder):
    with folder.arriving(io.BytesIO(b"still coming")) as (file, sha256, size):
        assert folder.sweep() == 0
        assert file.exists()
        assert folder.keep(file, sha256, size)


def test_a_sweep_removes_the_uploads_of_forms_that_never_came_in(folder):
    _take(folder, io.BytesIO(b"x"))
    old, fresh = folder.root / "tmpa.upload.mov", folder.root / "tmpb.upload.mov"
    for file in (old, fresh):
        file.write_bytes(b"part of a film")
    yesterday = fresh.stat().st_mtime - 90_000
    os.utime(old, (yesterday, yesterday))
    assert folder.sweep() == 1
    assert [old.exists(), fresh.exists()] == [False, True]


def test_the_same_bytes_are_kept_once(folder):
    with folder.arriving(io.BytesIO(b"twice")) as (file, sha256, size):
        assert folder.keep(file, sha256, size)
    with folder.arriving(io.BytesIO(b"twice")) as (file, sha256, size):
        assert not folder.keep(file, sha256, size)
    assert len(list(folder.files())) == 1


def test_a_damaged_copy_is_set_aside_and_the_sound_one_kept(folder):
    sha256, size = _take(folder, io.BytesIO(b"original"))
    place = folder.path(sha256)
    place.chmod(0o644)
    place.write_bytes(b"0riginal")
    _take(folder, io.BytesIO(b"original"))
    assert folder.is_sound(sha256, size)
    assert place.with_suffix(".damaged").read_bytes() == b"0riginal"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "ab", "A" * 64, "a" * 63 + "/", "a" * 65])
def test_nothing_but_a_digest_names_a_place(folder, name):
    with pytest.raises(ValueError, match="not a SHA-256"):
        folder.path(name)


def test_pouring_gives_the_digest_and_size(tmp_path):
    with (tmp_path / "out").open("wb") as out:
        assert pour(io.BytesIO(b"abc"), out.fileno()) == (hashlib.sha256(b"abc").hexdigest(), 3)
