"""Restoring: the drill, what is refused, and what stays erased."""

import json
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connections, transaction

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.operations import close_call
from qingkong.domains.enforcement.calls.queries import Call, caller_of
from qingkong.domains.enforcement.calls.rules import Result
from qingkong.domains.enforcement.calls.tests.building import a_call, a_response
from qingkong.kernel import access, ledger, numbering, papers, vault
from qingkong.kernel.access import keys as sealing
from qingkong.kernel.access import second_factors
from qingkong.kernel.access.accounts import set_password
from qingkong.kernel.ledger import cosigning
from qingkong.kernel.ledger.agreeing import agreement
from qingkong.killing import deadly, is_killed
from qingkong.project.backup import (
    databases,
    journal,
    keeping,
    knowing,
    replaying,
    restoring,
    ring,
    standing,
    switching,
)
from qingkong.project.backup.repository import open_repository
from qingkong.project.backup.restoring import Declaration
from qingkong.project.backup.stores import Folder
from qingkong.project.backup.tests.test_keys_and_retention import qingkong
from qingkong.project.cli import main
from qingkong.project.serve.claims import hold_instance

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "passing"])
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PASSPHRASE, PASSWORD = "four words and a tree", "a long passphrase"


@pytest.fixture
def elsewhere(instance, tmp_path, settings):
    """A new machine: another empty folder for the instance, whose keys are still at hand."""
    settings.QINGKONG_HOME = tmp_path / "elsewhere"
    settings.QINGKONG_HOME.mkdir()
    return settings.QINGKONG_HOME


@pytest.fixture
def declaration(county):
    return Declaration("服务器磁盘损坏", county.officers.bureau_leader.username)


def restore(instance, home, *, backup_id=None, declaration=None, seen=(), skip=0, at=AT + DAY):
    repository = open_repository(Folder(instance.target), ring.read(instance.keys))
    manifest = repository.get_manifest(backup_id or repository.ids()[-1])
    known = knowing.known_after(manifest, home=home, repository=repository, seen=seen)
    return restoring.restore(
        repository, manifest, home=home, known=known, declaration=declaration, skip=skip, at=at
    )  # fmt: skip


@contextmanager
def living(home: Path):
    """Ask the restored instance instead of the one that was backed up."""
    passing = connections["passing"]
    before = passing.settings_dict["NAME"]
    passing.close()
    passing.settings_dict["NAME"] = str(home / "data" / "passing.sqlite")
    try:
        with databases.living_on(home / "data" / databases.SQLITE):
            yield
    finally:
        passing.close()
        passing.settings_dict["NAME"] = before


def acts() -> list[str]:
    return list(ledger.Entry.objects.order_by("id").values_list("act", flat=True))


def number(series: str = "J") -> str:
    with transaction.atomic():
        return numbering.take(series, at=AT)


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_drill(instance, county, settings, tmp_path, client, declaration):
    """Fill, back up, write on, erase a fact and an original, back up, lose the machine, restore the older backup."""
    settings.AXES_ENABLED = True
    officer = county.officers.officer
    set_password(officer=officer, password=PASSWORD, actor=county.administrator, at=AT)
    secret, _ = second_factors.new_totp(officer)
    (recovery, *_) = second_factors.set_totp(
        officer=officer, secret=secret, code=code_for(secret), actor=county.officer, at=AT
    )
    first_call = a_response(county).call
    erased, kept = instance.enter("erased by law"), instance.enter("stays")
    gone, paper = instance.store(b"an original erased by law"), instance.store(b"%PDF-1.7 a paper")
    older = instance.back_up()

    later_call = a_call(county, caller_phone="19900000003")
    instance.erase_fact(erased)
    instance.erase_blob(gone)
    cosigning.cosign(tmp_path / "cosigner", name="procuratorate/370923", at=AT)
    newer = instance.back_up(AT + HOUR)
    keeping.copy_keys(instance.keys, tmp_path / "safe", passphrase=PASSPHRASE, at=AT)
    shutil.rmtree(instance.home)
    shutil.rmtree(instance.keys)  # the machine is gone, with keys and all

    settings.QINGKONG_HOME, settings.QINGKONG_KEYS = tmp_path / "new", tmp_path / "new" / "keys"
    instance.keys = settings.QINGKONG_KEYS
    sealing.source.cache_clear()
    keeping.put_back(keeping.unlock(tmp_path / "safe", passphrase=PASSPHRASE), instance.keys)
    with pytest.raises(restoring.NotDeclared, match="联署"):
        restore(instance, settings.QINGKONG_HOME, backup_id=older.manifest.id)
    assert not (settings.QINGKONG_HOME / "instance.toml").exists()
    done = restore(instance, settings.QINGKONG_HOME, backup_id=older.manifest.id, declaration=declaration)

    with living(settings.QINGKONG_HOME):
        assert ledger.verify().ok
        assert ledger.Entry.objects.get(pk=erased.pk).facts.value is None
        assert "stays" in ledger.Entry.objects.get(pk=kept.pk).facts.value
        assert not vault.exists(gone)
        assert vault.Tombstone.objects.get(pk=gone).ground
        assert vault.open(paper).read() == b"%PDF-1.7 a paper"
        entry = ledger.Entry.objects.get(act="instance.restored")
        assert entry.actor_id == str(county.officers.bureau_leader.pk)
        assert done.known.cosigned > older.manifest.point.size
        for said in (
            declaration.reason,
            f'"restored":{older.manifest.point.size}',
            f'"cosigned":{done.known.cosigned}',
        ):
            assert said in entry.facts.value
        assert acts().count("ledger.erased") == acts().count("vault.erased") == 1
        assert done.known.signed == newer.manifest.point.size
        again = a_call(county, caller_phone="19900000004")
        assert int(again.number[-6:]) == int(later_call.number[-6:]) + 1 > int(first_call.number[-6:]) + 1
        assert client.post("/desk/sign-in/", {"username": officer.username, "password": PASSWORD}).status_code == 302
        assert client.post("/desk/sign-in/second/", {"code": recovery}).status_code == 302
        assert client.get("/desk/role/").status_code == 302
        assert client.get(f"/desk/calls/{first_call.pk}/").status_code == 200
        assert ledger.verify().ok
        assert [str(problem) for problem in agreement("default").problems] == []  # rows and entries, both ways
    with closing(sqlite3.connect(settings.QINGKONG_HOME / "data" / databases.SQLITE)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b'erased by law"' not in (settings.QINGKONG_HOME / "data" / databases.SQLITE).read_bytes()
    sealing.source.cache_clear()


def test_a_paper_opens_after_a_restore(instance, elsewhere, county):
    kept = instance.store(b"%PDF-1.7 the same bytes")
    with transaction.atomic():
        papers.Paper.objects.create(
            kind="tests", number="W2026-000001", about="tests:thing", sha256=kept, size=23, issued_at=AT, issued_by="示例",
        )  # fmt: skip
    instance.back_up()
    restore(instance, elsewhere)
    with living(elsewhere):
        (paper,) = papers.of("tests:thing")
        assert papers.bytes_of(paper) == b"%PDF-1.7 the same bytes"


def test_the_newest_backup_is_restored_into_an_empty_folder_without_a_declaration(instance, elsewhere):
    instance.enter("the last thing")
    taken = instance.back_up()
    done = restore(instance, elsewhere)
    assert (elsewhere / "instance.toml").read_text().count("demo = false") == 1
    with living(elsewhere):
        assert ledger.verify().ok
        entry = ledger.Entry.objects.get(act="instance.restored")
        assert f'"restored":{taken.manifest.point.size}' in entry.facts.value
    assert done.aside is None
    assert not (elsewhere / switching.STAGING).exists()


def test_an_instance_that_stands_is_put_aside_whole_and_only_when_declared(instance, elsewhere, declaration):
    instance.back_up()
    restore(instance, elsewhere)
    (elsewhere / "data" / "note.txt").write_text("of the old")
    with pytest.raises(restoring.NotDeclared):
        restore(instance, elsewhere)
    assert (elsewhere / "data" / "note.txt").exists()
    done = restore(instance, elsewhere, declaration=declaration)
    assert (done.aside / "data" / "note.txt").read_text() == "of the old"
    assert (done.aside / "data" / databases.SQLITE).exists()
    with living(elsewhere):
        assert ledger.verify().ok


def test_what_a_cosigner_has_seen_needs_a_declaration(instance, elsewhere, tmp_path, declaration):
    instance.back_up()
    instance.enter("seen outside")
    cosigning.cosign(tmp_path / "cosigner", name="procuratorate/370923", at=AT)
    seen = [tmp_path / "cosigner" / "cosigned"]
    with pytest.raises(restoring.NotDeclared):
        restore(instance, elsewhere, seen=seen)
    with pytest.raises(restoring.NotDeclared):
        restore(instance, elsewhere, seen=seen, declaration=Declaration(" ", declaration.by))
    assert restore(instance, elsewhere, seen=seen, declaration=declaration).known.cosigned > 0


def test_only_a_leader_or_inspector_of_the_instance_answers_for_it(instance, elsewhere, county):
    instance.back_up()
    for number_ in (county.officers.officer.username, "nobody"):
        with pytest.raises(restoring.CannotRestore, match=number_):
            restore(instance, elsewhere, declaration=Declaration("原因", number_))
    assert list(elsewhere.glob("*.toml")) == []
    assert not (elsewhere / "restoring").exists()


def test_keys_older_than_the_backup_restore_nothing(instance, elsewhere):
    instance.erase_fact(instance.enter("erased"))
    instance.back_up()
    (instance.keys / journal.FILE).unlink()
    with pytest.raises(restoring.CannotRestore, match="更旧|还旧"):
        restore(instance, elsewhere)


def test_a_backup_that_lacks_an_original_is_not_restored_and_nothing_is_touched(instance, elsewhere):
    sha256 = instance.store(b"an original")
    instance.back_up()
    repository = open_repository(Folder(instance.target), ring.read(instance.keys))
    (instance.target / repository.ring.name_of("blobs", sha256)).unlink()
    with pytest.raises(restoring.CannotRestore, match="1"):
        restore(instance, elsewhere)
    assert not (elsewhere / "data").exists()
    assert not (elsewhere / "instance.toml").exists()


def test_numbers_that_may_have_been_given_can_be_left_out(instance, elsewhere):
    last = int(number()[-6:])
    instance.back_up()
    done = restore(instance, elsewhere, skip=50)
    assert done.numbers["J/2026"] == [last, last + 50]
    with living(elsewhere):
        assert int(number()[-6:]) == last + 51


def test_an_erasure_is_replayed_once(instance, elsewhere, declaration):
    entry = instance.enter("erased")
    older = instance.back_up().manifest.id
    instance.erase_fact(entry)
    assert restore(instance, elsewhere, backup_id=older).erased == 1
    with living(elsewhere):
        lines = journal.erased(journal.read(instance.keys))
        assert replaying.replay(lines, actor=access.system("tests"), at=AT) == 0
        assert ledger.verify().ok


def test_personal_data_whose_time_is_over_is_empty_after_a_restore(instance, elsewhere, county):
    call = a_call(county)
    close_call(call=call, result=Result.INVALID, note="误报", actor=county.dispatcher, at=AT)
    instance.back_up()
    done = restore(instance, elsewhere, at=AT + 4000 * DAY)
    assert done.forgotten >= 1
    with living(elsewhere):
        assert not caller_of(Call.objects.get(pk=call.pk)).phone
        assert "access.forgotten" in acts()
        assert ledger.verify().ok


def test_the_status_page_says_how_backups_stand(instance, elsewhere, declaration):
    def states(at) -> list[tuple[str, str]]:
        return [(line.state, str(line.value)) for line in standing.lines(at)]

    assert states(AT)[:3] == [("bad", "还没有"), ("warn", "还没有"), ("idle", "没有恢复过")]
    older = instance.back_up().manifest
    assert states(AT + HOUR)[0] == ("ok", "1 小时前")
    assert states(AT + 2 * DAY)[0][0] == "bad"
    instance.enter("lost again")
    ledger.integrate()
    instance.back_up(AT + HOUR)
    restore(instance, elsewhere, backup_id=older.id, declaration=declaration)
    with living(elsewhere):
        line = list(standing.lines(AT + DAY))[2]
        assert (line.state, str(line.value)) == ("warn", f"恢复到 {older.point.size} 条")
        assert declaration.reason in str(line.note)


def test_a_served_instance_is_not_restored_over(instance, elsewhere):
    instance.back_up()
    with hold_instance(elsewhere):
        status, _, said = qingkong("restore", instance.target)
    assert status == 1 and "已经在运行" in said
    assert not (elsewhere / "data").exists()


def test_the_command_restores_and_says_what_comes_next(instance, elsewhere):
    instance.store(b"an original")
    taken = instance.back_up()
    status, out, said = qingkong("restore", instance.target, "--at", "2026-11-24", "--json")
    assert (status, json.loads(out)["entries"]) == (0, taken.manifest.point.size)
    assert "qingkong check" in said
    for wrong in (("--at", "yesterday"), ("--at", "2020-01-01")):
        assert qingkong("restore", instance.target, *wrong)[0] == 1


def test_after_a_restore_that_was_cut_off_nothing_runs_but_the_restore(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QINGKONG_HOME", str(tmp_path))
    (tmp_path / switching.STAGING).mkdir()
    (tmp_path / switching.STAGING / switching.READY).write_text("{}")
    assert main(["check"]) == 1
    assert "qingkong restore" in capsys.readouterr().err


def test_a_restore_that_is_cut_off_while_switching_is_finished_later(instance, elsewhere, declaration):
    """Killed before each rename of the last step: the old instance stands, or the new one after finishing."""
    instance.back_up()
    restore(instance, elsewhere)
    for step in range(4):
        old = (elsewhere / "data" / databases.SQLITE).stat().st_ino

        def work(step=step) -> None:
            _die_at_rename(step)
            restore(instance, elsewhere, declaration=declaration, at=AT + (step + 2) * DAY)

        killed = is_killed(work)
        if switching.decided(elsewhere):
            switching.finish(elsewhere)
            assert (elsewhere / "data" / databases.SQLITE).stat().st_ino != old
        with living(elsewhere):
            assert ledger.verify().ok
        assert not killed or step < 3


def _die_at_rename(step: int) -> None:
    die, rename = deadly(step), Path.rename

    def dying(self, target):
        if "restoring" in str(self) or "restoring" in str(target) or "replaced" in str(target):
            die()
        return rename(self, target)

    Path.rename = dying  # type: ignore[method-assign]
