"""A file is written whole or not at all, for whom it is meant, whatever stood there or was left by a process cut off."""

import os

import pytest

from qingkong.kernel.durable import FOR_OWNER, write_whole
from qingkong.killing import deadly, is_killed

STEPS = ("open", "fsync", "unlink", "rename", "replace", "close")


def test_a_process_killed_at_any_step_leaves_the_old_or_the_new(tmp_path):
    file, old, new = tmp_path / "key", b"old" * 5000, b"new" * 5000

    def work(point):
        step = deadly(point)
        for name in STEPS:
            call = getattr(os, name)
            setattr(os, name, lambda *a, call=call, **k: (step(), call(*a, **k))[1])
        write_whole(file, new)

    for point in range(40):
        write_whole(file, old)
        killed = is_killed(lambda point=point: work(point))
        assert file.read_bytes() in (old, new)
        if not killed:
            break
    assert not killed and file.read_bytes() == new
    assert point > 4
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("left", [0o644, 0o666])
def test_a_secret_is_its_owners_alone_even_where_a_readable_rest_was_left(tmp_path, left):
    file, rest = tmp_path / "key", tmp_path / "key.new"
    rest.write_text("half")
    rest.chmod(left)
    write_whole(file, "密钥", mode=FOR_OWNER)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text(encoding="utf-8") == "密钥" and not rest.exists()


def test_a_full_disk_leaves_what_stood(tmp_path):
    import resource
    import signal

    file = tmp_path / "key"
    write_whole(file, b"old")

    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        with pytest.raises(OSError, match="too large"):
            write_whole(file, b"new" * 1000)

    assert not is_killed(work)
    assert file.read_bytes() == b"old"
