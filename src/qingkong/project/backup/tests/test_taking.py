"""Taking backups: incremental, one point, read back, and whole whatever happens on the way."""

import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import connections

from qingkong.conftest import AT, ledger_acts
from qingkong.kernel import access, ledger, vault
from qingkong.killing import is_killed
from qingkong.project.backup import stores, taking, verifying
from qingkong.project.backup.repository import Repository
from qingkong.project.backup.stores import Folder
from qingkong.project.backup.taking import Taken

HOUR = timedelta(hours=1)


def sound(repository: Repository, backup_id: str) -> list[str]:
    """What is wrong with a backup."""
    return [str(problem) for problem in verifying.verify(repository, backup_id, actor=None, at=AT).problems]


def test_the_second_backup_writes_only_what_is_new(instance, files):
    instance.store(os.urandom(300_000))
    first = instance.back_up()
    before = files(instance.target)
    instance.enter("one more")
    instance.store(b"a small original")
    second = instance.back_up(AT + HOUR)
    after = files(instance.target)
    assert first.written > 400_000
    assert second.written < first.written / 3
    assert {name: data for name, data in after.items() if name in before} == before
    assert sum(name.startswith("blobs/") for name in after.keys() - before.keys()) == 1
    assert sum(len(after[name]) for name in after.keys() - before.keys()) == second.written


def test_the_last_backup_is_the_newest_even_where_the_clock_went_back(instance):
    ahead = instance.back_up(AT + 48 * HOUR).manifest
    instance.enter("later")
    later = instance.back_up(AT).manifest
    assert instance.repository().ids() == [ahead.id, later.id]
    assert later.point.size > ahead.point.size
    assert later.taken_at == AT.isoformat()


def test_a_backup_is_entered_with_its_size_and_checkpoint_and_without_a_path(instance):
    taken = instance.back_up()
    entry = ledger.Entry.objects.get(act="instance.backed_up")
    assert ledger_acts(taking.SUBJECT) == ["instance.backed_up"]
    assert taken.manifest.point.root in entry.facts.value
    assert str(instance.target) not in entry.facts.value


def test_a_backup_while_others_write_is_one_point(instance, in_parallel):
    stop = threading.Event()

    def write() -> int:
        number = 0
        while not stop.is_set():
            number += 1
            instance.enter(f"number {number}")
            instance.store(f"original {number}".encode())
        return number

    instance.enter("before")
    writing = in_parallel(write)
    try:
        taken = [instance.back_up(AT + n * HOUR) for n in range(3)]
    finally:
        stop.set()
    assert writing.result() > 1
    assert [sound(instance.repository(), one.manifest.id) for one in taken] == [[], [], []]
    assert taken[0].manifest.point.size < taken[-1].manifest.point.size
    assert taken[0].manifest.blobs < taken[-1].manifest.blobs


class Deadly(Folder):
    """A folder in which the process is killed at its n-th step: before a write, in the middle of it, or after it."""

    left = 0

    def step(self) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1

    def put(self, name, data, *, later=False):
        def parts():
            for part in data:
                yield part
                self.step()

        size = super().put(name, parts(), later=later)
        self.step()
        return size

    def delete(self, name):
        self.step()
        super().delete(name)


def killed(instance, point: int) -> bool:
    """Back up in a child that is killed at its n-th step; False if it lived to the end."""

    def work() -> None:
        repository = instance.repository()
        store = Deadly(instance.target)
        store.left = point
        repository.store = store
        taking.take(repository, actor=access.system("tests"), at=AT + HOUR)

    return is_killed(work)


def kill_at_every(instance, files, stride: int) -> int:
    """Kill a backup at points a stride apart; after each the one before stands. How many were killed."""
    original = instance.store(os.urandom(2_500_000))
    first = instance.back_up()
    instance.store(os.urandom(2_500_000))
    instance.enter("since then")
    repository = instance.repository()
    point = 0
    while killed(instance, point):
        ids = repository.ids()
        assert first.manifest.id in ids
        assert repository.get_manifest(first.manifest.id) == first.manifest
        assert sound(repository, ids[-1]) == []
        if len(ids) == 2:  # killed after the manifest: that backup stands; take it away for the next try
            repository.store.delete(f"backups/{ids[-1]}")
        point += stride
    repository.check_blob(original)
    last = instance.back_up(AT + 2 * HOUR)
    needed = {n for m in repository.readable() for part in m.parts for n in part.pieces}
    below = files(instance.target)
    assert not [name for name in below if name.startswith("arriving/")]
    assert sum(name.startswith("pieces/") for name in below) == len(needed)
    assert sound(repository, last.manifest.id) == []
    return point // stride


def test_a_backup_that_is_killed_leaves_the_one_before_and_the_next_clears_up(instance, files):
    assert kill_at_every(instance, files, stride=4) >= 5


@pytest.mark.deep
def test_a_backup_that_is_killed_at_any_step_leaves_the_one_before(instance, files):
    assert kill_at_every(instance, files, stride=1) >= 15


def test_a_damaged_piece_is_found_and_the_next_backup_puts_it_right(instance):
    taken = instance.back_up()
    repository = instance.repository()
    name = repository.ring.name_of("pieces", taken.manifest.parts[0].pieces[3])
    place = instance.target / name
    damaged = bytearray(place.read_bytes())
    damaged[100] ^= 1
    place.write_bytes(damaged)
    assert len(sound(repository, taken.manifest.id)) == 1
    again = instance.back_up(AT + HOUR)
    assert sound(repository, again.manifest.id) == []
    assert sound(repository, taken.manifest.id) == []


def test_a_damaged_original_in_a_backup_is_named(instance):
    sha256 = instance.store(os.urandom(50_000))
    taken = instance.back_up()
    repository = instance.repository()
    place = instance.target / repository.ring.name_of("blobs", sha256)
    place.write_bytes(place.read_bytes()[:-1])
    assert any(sha256 in line for line in sound(repository, taken.manifest.id))
    instance.back_up(AT + HOUR)
    assert sound(repository, taken.manifest.id) == []


def test_an_original_that_the_vault_has_lost_is_named_and_the_rest_is_backed_up(instance):
    lost, kept = instance.store(b"lost"), instance.store(b"kept")
    vault.path(lost).unlink()
    taken = instance.back_up()
    assert taken.manifest.missing == [lost]
    instance.repository().check_blob(kept)


def test_a_ledger_that_was_tampered_with_makes_no_backup(instance):
    entry = instance.enter("the truth")
    ledger.integrate()
    with connections["default"].cursor() as cursor:
        cursor.execute("DROP TRIGGER ledger_facts_only_erased")
        cursor.execute(
            "UPDATE ledger_facts SET value = replace(value, 'truth', 'lie') WHERE entry_id = %s", [entry.pk.hex]
        )
    with pytest.raises(taking.databases.Unsound):
        instance.back_up()
    assert instance.repository().ids() == []


def test_two_backups_of_one_instance_are_not_taken_at_once(instance):
    with taking.alone(), pytest.raises(taking.Busy):
        instance.back_up()


def test_a_place_that_can_not_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(stores.CannotReach, match="不能写"):
        Folder(tmp_path / "file" / "backups")


def test_whoever_finds_the_medium_reads_nothing_on_it(instance, files):
    content = b"the words of a witness " * 40
    sha256 = instance.store(content)
    instance.enter("a name nobody should read")
    taken: Taken = instance.back_up()
    for name, data in files(instance.target).items():
        assert sha256 not in name
        for secret in (content[:40], b"a name nobody", b"SQLite format", taken.manifest.point.root.encode()):
            assert secret not in data
