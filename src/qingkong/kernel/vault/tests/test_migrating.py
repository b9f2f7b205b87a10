"""Originals move to a store and back: all of them, proved, or nothing is switched."""

import hashlib
import io
import json
import threading

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.kernel import access, vault
from qingkong.kernel.vault import place
from qingkong.kernel.vault.migrating import CannotMigrate, Fate, Journal, migrate, read_manifest
from qingkong.kernel.vault.switching import CannotSwitch, switch
from qingkong.project.cli import main

pytestmark = [pytest.mark.django_db]

SYSTEM = access.system("tests")
GROUND = "公安机关办理行政案件程序规定第一百九十六条"


def _keep(content):
    return vault.receive(io.BytesIO(content)).sha256


def _migrate(url, **options):
    return migrate(url, actor=SYSTEM, at=AT, **options)


def _switch(outcome):
    return switch(outcome.manifest, actor=SYSTEM, at=AT)


def test_to_a_store_and_back_everything_arrives_and_the_sources_stay(originals, address, home):
    before = sorted(path.name for path in (home / "vault" / "blobs").glob("??/*"))
    there = _migrate(address)
    assert there.complete
    assert place.current() == ""
    _switch(there)
    assert place.current() == address
    assert vault.scrub() == []
    later = _keep(b"came in while it was in the store")
    assert sorted(path.name for path in (home / "vault" / "blobs").glob("??/*")) == before

    back = _migrate(f"file://{home}/vault")
    assert back.complete
    _switch(back)
    assert vault.scrub() == []
    assert vault.open(later).read() == b"came in while it was in the store"
    assert len(list(place.backend(address).files())) == len(before) + 1


def test_the_manifest_names_every_content_with_the_digest_read_at_the_target(originals, elsewhere):
    outcome = _migrate(elsewhere)
    head, rows, digest = read_manifest(outcome.manifest)
    assert digest == outcome.digest == hashlib.sha256(outcome.manifest.read_bytes()).hexdigest()
    assert head["complete"]
    assert head["arrived"] == len(originals)
    assert set(rows) == set(originals)
    for row in rows.values():
        assert (row.fate, row.found, row.digest) == (Fate.ARRIVED, "source", row.sha256)
    assert ledger_acts(f"vault.manifest:{digest}") == ["vault.migrated"]


def test_the_switch_is_entered_with_the_digest_of_its_manifest(originals, elsewhere):
    done = _switch(_migrate(elsewhere))
    assert done.contents == len(originals)
    assert ledger_acts(f"vault.manifest:{done.digest}")[-1:] == ["vault.switched"]
    assert hashlib.sha256(done.manifest.read_bytes()).hexdigest() == done.digest
    assert vault.scrub() == []


def test_a_dry_run_copies_nothing_and_enters_nothing(originals, elsewhere, tmp_path):
    outcome = _migrate(elsewhere, dry_run=True)
    assert outcome.copied == len(originals)
    assert outcome.bytes == sum(2000 + n for n in range(12))
    assert outcome.manifest is None
    assert not (tmp_path / "elsewhere").exists()
    assert ledger_acts("vault.manifest:") == []


def test_a_missing_and_an_altered_original_are_named_and_nothing_is_switched(originals, elsewhere):
    vault.path(originals[3]).unlink()
    altered = vault.path(originals[5])
    altered.chmod(0o644)
    altered.write_bytes(b"x" * altered.stat().st_size)
    outcome = _migrate(elsewhere)
    assert not outcome.complete
    assert outcome.rows[originals[3]].fate is Fate.MISSING
    assert outcome.rows[originals[5]].fate is Fate.ALTERED
    with pytest.raises(CannotSwitch, match="1 份缺失、1 份被改动"):
        _switch(outcome)
    assert place.current() == ""


def test_an_altered_original_is_named_when_it_should_go_to_a_store(originals, address):
    altered = vault.path(originals[5])
    altered.chmod(0o644)
    altered.write_bytes(b"x" * altered.stat().st_size)
    outcome = _migrate(address)
    assert outcome.rows[originals[5]].fate is Fate.ALTERED
    assert outcome.count(Fate.ARRIVED) == len(originals) - 1
    assert not place.backend(address).has(originals[5])


def test_a_content_lost_at_the_target_after_the_manifest_holds_up_the_switch_until_it_is_there(originals, elsewhere):
    outcome = _migrate(elsewhere)
    place.backend(elsewhere).path(originals[0]).unlink()
    _switch(outcome)
    assert vault.scrub() == []


def test_what_comes_in_between_manifest_and_switch_goes_along(originals, address):
    outcome = _migrate(address)
    late = _keep(b"late")
    _switch(outcome)
    assert place.current() == address
    place.backend(address).cache.drop(late)
    assert vault.open(late).read() == b"late"
    assert vault.scrub() == []


def test_a_content_whose_row_is_not_there_yet_goes_along(originals, elsewhere):
    outcome = _migrate(elsewhere)
    with place.spool().arriving(io.BytesIO(b"row follows")) as (file, sha256, size):
        vault.store().keep(file, sha256, size)
    _switch(outcome)
    assert vault.receive(io.BytesIO(b"row follows")).stored
    assert vault.scrub() == []


def test_erased_originals_are_listed_and_not_brought_back(
    originals, address, county, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        vault.erase(originals[0], ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=AT)
    outcome = _migrate(address)
    with django_capture_on_commit_callbacks(execute=True):
        vault.erase(originals[1], ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=AT)
    _switch(outcome)
    assert outcome.rows[originals[0]].fate is Fate.TOMBSTONED
    for sha256 in originals[:2]:
        assert not vault.exists(sha256)
        assert json.loads(place.backend(address).remote.get(f"markers/{sha256[:2]}/{sha256}"))["state"] == "erased"
    assert vault.scrub() == []


def test_strays_are_listed_and_stay_where_they_are(originals, elsewhere):
    stray = vault.store().blobs / "ab" / "stray.txt"
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("?")
    other = place.backend(elsewhere)
    with other.arriving(io.BytesIO(b"somebody else's")) as (file, sha256, size):
        other.keep(file, sha256, size)
    outcome = _migrate(elsewhere)
    assert outcome.complete
    extra = {row.sha256: row.found for row in outcome.rows.values() if row.fate is Fate.EXTRA}
    assert extra == {"ab/stray.txt": "source", sha256: "target"}


def test_a_manifest_that_was_changed_or_is_of_another_place_is_refused(originals, elsewhere, tmp_path):
    outcome = _migrate(elsewhere)
    forged = tmp_path / "forged.jsonl"
    forged.write_text(outcome.manifest.read_text().replace('"found": "source"', '"found": "both"', 1))
    for file in (forged, tmp_path / "absent", place.root() / ".place"):
        with pytest.raises(CannotSwitch):
            switch(file, actor=SYSTEM, at=AT)
    _switch(outcome)
    with pytest.raises(CannotSwitch, match="现在在"):
        _switch(outcome)


def test_the_same_place_is_refused(originals, home):
    with pytest.raises(CannotMigrate, match="已经在"):
        _migrate(f"file://{home}/vault")


@pytest.mark.parametrize(
    "url",
    ["http://x/y", "s3://", "s3://user:secret@b/p", "s3://b/p?secret=1", "file://relative", "vault", "s3://b?cache=x"],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_secrets(originals, url):
    with pytest.raises(place.BadPlace) as told:
        _migrate(url)
    assert "user:secret" not in str(told.value)


def test_a_second_run_copies_nothing_again(originals, elsewhere):
    assert _migrate(elsewhere).copied == len(originals)
    assert _migrate(elsewhere).copied == 0


def test_a_journal_with_a_torn_line_is_read_up_to_it(originals, elsewhere):
    done = _migrate(elsewhere)
    assert list(place.root().glob("migration-*")) == []  # the next migration reads everything again
    journal = Journal(place.backend(elsewhere))
    for row in done.rows.values():
        journal.keep(row)
    (file,) = place.root().glob("migration-*.jsonl")
    file.write_bytes(file.read_bytes()[:-9])
    assert len(journal.rows()) == len(originals) - 1
    journal.keep(row)
    assert len(journal.rows()) == len(originals)
    outcome = _migrate(elsewhere)
    assert (outcome.complete, outcome.copied) == (True, 0)


def test_a_content_altered_at_the_target_meanwhile_is_found_and_put_right_by_the_next_run(originals, elsewhere):
    _migrate(elsewhere)
    there = place.backend(elsewhere).path(originals[0])
    there.chmod(0o644)
    there.write_bytes(b"x" * there.stat().st_size)
    outcome = _migrate(elsewhere)
    assert (outcome.complete, outcome.copied) == (True, 1)
    assert place.backend(elsewhere).is_sound(originals[0], outcome.rows[originals[0]].size)


def test_a_switch_waits_until_what_is_coming_in_is_there(originals, elsewhere):
    outcome = _migrate(elsewhere)
    with place.settled(), pytest.raises(vault.StoreAway, match="没有切换"), place.standing_still(patience=0.1):
        pass
    with place.standing_still(), pytest.raises(vault.StoreAway, match="正在切换"), place.settled(patience=0.1):
        pass
    entered, leave = threading.Event(), threading.Event()

    def come_in():
        with place.settled() as store, place.spool().arriving(io.BytesIO(b"at the last moment")) as arrived:
            entered.set()
            leave.wait(30)
            store.keep(*arrived)

    guest = threading.Thread(target=come_in)
    guest.start()
    entered.wait(30)
    threading.Timer(0.3, leave.set).start()
    _switch(outcome)
    guest.join()
    assert vault.exists(hashlib.sha256(b"at the last moment").hexdigest())


def test_the_commands_say_what_they_did(originals, elsewhere, capsys):
    assert main(["vault", "migrate", elsewhere, "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["copied"] == len(originals)
    assert main(["vault", "migrate", elsewhere, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["arrived"] == len(originals)
    assert main(["vault", "switch", said["manifest"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["place"] == elsewhere
    assert main(["vault", "switch", said["manifest"]]) == 1
    assert main(["vault", "clean", "--json"]) == 0
    assert main(["vault", "resume"]) == 0
