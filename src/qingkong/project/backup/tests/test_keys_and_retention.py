"""Keys apart, backups that age, and what an old medium still tells whom."""

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta

import pytest

from qingkong.conftest import AT
from qingkong.kernel import ledger
from qingkong.project.backup import journal, keeping, opening, retiring, ring, verifying
from qingkong.project.backup.repository import Damaged, open_repository
from qingkong.project.backup.stores import Folder
from qingkong.project.cli import main

PASSPHRASE = "four words and a tree"
DAY = timedelta(days=1)


@pytest.fixture
def passphrase(tmp_path):
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    return file


def qingkong(*words) -> tuple[int, str, str]:
    """Run a command; exit status, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(word) for word in words])
    return status, out.getvalue(), err.getvalue()


def test_the_command_takes_lists_and_verifies(instance):
    instance.store(b"an original")
    status, out, _ = qingkong("backup", instance.target, "--json")
    taken = json.loads(out)
    assert (status, taken["blobs"]) == (0, 1)
    assert [one["id"] for one in json.loads(qingkong("backup", "list", instance.target, "--json")[1])] == [taken["id"]]
    status, out, _ = qingkong("backup", "verify", instance.target, "--json")
    assert (status, json.loads(out)["ok"]) == (0, True)
    assert ledger.Entry.objects.filter(act="instance.backup_verified").exists()


def test_wrong_use_is_answered_with_two(instance):
    assert qingkong("backup", "list")[0] == 2
    assert qingkong("backup", "verify", "one", "two")[0] == 2


def test_keys_are_never_written_beside_the_backups(instance, passphrase):
    for place in (instance.target, instance.target / "keys", instance.target.parent):
        status, _, err = qingkong("backup", instance.target, "--keys", place, "--passphrase-file", passphrase)
        assert status == 1
        assert "同一个地方" in err
    assert not instance.target.exists() or not list(instance.target.rglob("*keys*"))


def test_a_copy_of_the_keys_opens_with_its_passphrase_alone(instance, passphrase, tmp_path):
    copy = tmp_path / "elsewhere" / "safe"
    assert qingkong("backup", instance.target, "--keys", copy, "--passphrase-file", passphrase)[0] == 0
    there = keeping.unlock(copy, passphrase=PASSPHRASE)
    mine = {p.name: p.read_bytes() for p in instance.keys.iterdir() if p.suffix != ".lock"}
    assert there == mine
    assert {"ledger.key", "sealing.json", "web.secret", "backup.json"} <= set(there)
    with pytest.raises(keeping.CannotUnlock):
        keeping.unlock(copy, passphrase=PASSPHRASE + "s")
    text = (copy / keeping.FILE).read_text()
    assert not any(data.decode().strip() in text for data in mine.values())
    assert (copy / keeping.FILE).stat().st_mode & 0o077 == 0


def test_a_short_passphrase_is_refused(instance, tmp_path):
    with pytest.raises(keeping.CannotKeep, match="12"):
        keeping.copy_keys(instance.keys, tmp_path / "copy", passphrase="short", at=AT)


def test_a_repository_of_lost_keys_gets_no_new_ring(instance):
    instance.back_up()
    (instance.keys / ring.FILE).unlink()
    with pytest.raises(ring.RingMissing):
        opening.to_write(str(instance.target))
    assert not (instance.keys / ring.FILE).exists()


def test_backups_past_their_days_go_and_the_newest_always_stays(instance):
    ids = [instance.back_up(AT + n * DAY).manifest.id for n in (0, 1, 5)]
    repository = instance.repository()
    would = retiring.retire(repository, instance.keys, keep_days=3, at=AT + 5 * DAY, dry_run=True)
    assert (would.ids, repository.ids()) == (ids[:2], ids)
    went = retiring.retire(repository, instance.keys, keep_days=3, at=AT + 5 * DAY)
    assert (went.ids, repository.ids()) == (ids[:2], ids[2:])
    assert retiring.retire(repository, instance.keys, keep_days=3, at=AT + 90 * DAY).ids == []
    assert verifying.verify(repository, ids[2], actor=None, at=AT).problems == []


def test_the_dry_run_of_the_command_changes_nothing(instance):
    instance.back_up(AT - 400 * DAY)
    instance.back_up(AT - 300 * DAY)
    status, out, _ = qingkong("backup", instance.target, "--keep-days", "30", "--dry-run", "--json")
    assert (status, len(json.loads(out)["would_retire"])) == (0, 1)
    assert len(instance.repository().ids()) == 2


def test_a_stolen_medium_can_not_be_opened_with_todays_keys_once_its_days_are_over(instance, tmp_path):
    instance.enter("erased next week")
    old = instance.back_up().manifest.id
    shutil.copytree(instance.target, tmp_path / "stolen")
    shutil.copytree(instance.keys, tmp_path / "old keys")
    instance.back_up(AT + 40 * DAY)
    retiring.retire(instance.repository(), instance.keys, keep_days=30, at=AT + 40 * DAY)
    stolen = Folder(tmp_path / "stolen")
    with pytest.raises(ring.KeyDestroyed):
        open_repository(stolen, ring.read(instance.keys)).get_manifest(old)
    assert open_repository(stolen, ring.read(tmp_path / "old keys")).get_manifest(old).id == old  # said in the guide


def test_an_erased_original_goes_from_the_backups_and_stays_closed_on_a_stolen_medium(instance, tmp_path):
    sha256, other = instance.store(b"erased by law"), instance.store(b"stays")
    instance.back_up()
    shutil.copytree(instance.target, tmp_path / "stolen")
    instance.erase_blob(sha256)
    stolen = open_repository(Folder(tmp_path / "stolen"), ring.read(instance.keys))
    stolen.check_blob(other)
    with pytest.raises(ring.KeyDestroyed):
        stolen.check_blob(sha256)
    name = stolen.ring.name_of("blobs", sha256)
    assert (instance.target / name).exists()
    again = instance.back_up(AT + DAY)
    assert not (instance.target / name).exists()
    verdict = verifying.verify(instance.repository(), again.manifest.id, actor=None, at=AT)
    assert (verdict.problems, verdict.blobs) == ([], 1)


def test_an_erasure_is_in_the_journal_and_the_journal_names_nobody(instance):
    entry = instance.enter("示例甲的住址")
    instance.erase_fact(entry)
    text = (instance.keys / journal.FILE).read_text()
    (line,) = journal.erased(journal.read(instance.keys))
    assert line.what == f"facts:{entry.pk}"
    assert "示例甲的住址" not in text


def test_an_erasure_that_can_not_be_written_to_the_journal_does_not_happen(instance):
    entry = instance.enter("stays")
    (instance.keys / journal.FILE).mkdir()
    with pytest.raises(IsADirectoryError):
        instance.erase_fact(entry)
    assert ledger.Entry.objects.get(pk=entry.pk).facts.value is not None


def test_a_journal_that_was_changed_or_cut_is_said(instance):
    for number in range(3):
        instance.erase_fact(instance.enter(f"number {number}"))
    path = instance.keys / journal.FILE
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for broken in (whole.replace(b"facts", b"blobs", 1), b"".join(lines[1:]), b"".join([*lines[:2], *lines[3:]])):
        path.write_bytes(broken)
        with pytest.raises(journal.JournalBroken):
            journal.read(instance.keys)
    path.write_bytes(whole + b'{"n": 7, "half a li')  # cut off by a crash: not a line
    assert len(journal.read(instance.keys)) == 6
    instance.erase_fact(instance.enter("another"))
    assert len(journal.erased(journal.read(instance.keys))) == 4


def test_what_a_crash_left_begun_is_settled_by_what_the_ledger_knows(instance):
    done, never = instance.enter("done"), instance.enter("never")
    instance.erase_fact(done)
    begun = journal.read(instance.keys)[0]
    (instance.keys / journal.FILE).unlink()
    journal.append(instance.keys, begun)
    lost = journal.Line("begun", f"facts:{never.pk}", str(never.pk)[::-1], begun.at, "", "", "")
    journal.append(
        instance.keys,
        journal.Line(
            **{**{n: getattr(lost, n) for n in lost.__slots__}, "erasure": "0190aaaa-0000-7000-8000-00000000ffff"}
        ),
    )
    assert len(journal.unsettled(journal.read(instance.keys))) == 2
    instance.back_up()
    lines = journal.read(instance.keys)
    assert journal.unsettled(lines) == []
    assert [line.what for line in journal.erased(lines)] == [f"facts:{done.pk}"]


def test_a_damaged_manifest_is_passed_over_and_nothing_of_the_others_goes(instance):
    first = instance.back_up().manifest.id
    second = instance.back_up(AT + DAY).manifest.id
    place = instance.target / "backups" / second
    place.write_bytes(place.read_bytes()[:-1])
    repository = instance.repository()
    assert [one.id for one in repository.readable()] == [first]
    with pytest.raises(Damaged):
        repository.get_manifest(second)
    instance.back_up(AT + 2 * DAY)
    assert verifying.verify(repository, first, actor=None, at=AT).problems == []
