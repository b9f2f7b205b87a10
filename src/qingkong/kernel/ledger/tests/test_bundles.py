"""A proof bundle is checked by the independent verifier, offline; whatever is altered in it is named."""

import json
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from qingkong.kernel import ledger
from qingkong.kernel.ledger import bundling, keys, packing
from qingkong.kernel.ledger.bundle_scope import Attached, CannotBundle, Scope, scope_of
from qingkong.kernel.ledger.cosigning import cosign
from qingkong.kernel.ledger.models import Entry, Leaf
from qingkong.kernel.ledger.tests.building import AT, actor, enter, fill, sql, unguard
from qingkong.kernel.ledger.tests.test_cosigning import rewrite
from qingkong.kernel.refusals import NotFound
from qingkong_verify import VerificationError, command
from qingkong_verify.bundle import check_bundle

THREAD = "J2026-000001"
PAPER = b"%PDF-1.7 a paper"

DIGEST = sha256(PAPER).hexdigest()
SECOND = "0190aaaa-0000-7000-8000-000000000002"


def erase(entry, using):
    return ledger.erase_facts(
        entry, ground="个人信息保护法第四十七条", actor=actor(), second=actor("示例乙", SECOND), at=AT, using=using
    )


@pytest.fixture
def full(apart, tmp_path):
    """A thread with contents, a look, an erased content and a paper; other threads beside it; half of it cosigned."""
    fill(40)
    enter(act="tests.peeked", facts={"what": "谁的材料"}, using=apart)
    erase(Entry.objects.using(apart).get(leaf__sequence=3), apart)
    enter(0, thread="J2026-000002", subject="tests.other:1", using=apart)
    cosign(tmp_path / "outside", name="procuratorate/370923", at=AT, using=apart)
    enter(1, facts={"what": "文书", "sha256": DIGEST}, using=apart)
    ledger.integrate(apart)  # PostgreSQL waits for the tick
    return apart


WHOLE = Scope("tests.thing:0", THREAD)


def paper(using) -> int:
    """The place of the entry that names the paper."""
    return Leaf.objects.using(using).filter(entry__act="tests.done").latest("sequence").sequence


def make(using, scope=WHOLE, **kwargs):
    given = {"actor": actor(), "at": AT, "discloses": lambda act: True, **kwargs}
    return bundling.make(scope, using=using, **given)


@pytest.fixture
def folder(full, tmp_path):
    packing.into_folder(make(full, attached=[Attached(PAPER, ".pdf")]), tmp_path / "bundle")
    return tmp_path / "bundle"


def vkeys(using, tmp_path) -> list[str]:
    return [keys.vkey(using), (tmp_path / "outside" / "cosigner.pub").read_text().strip()]


def test_a_bundle_holds_every_entry_of_the_thread_and_is_checked_offline(full, folder, tmp_path):
    found = check_bundle(folder, vkeys(full, tmp_path))
    expected = Leaf.objects.using(full).filter(entry__thread=THREAD).exclude(entry__act="ledger.bundled")
    assert [told.proved.index for told in found.entries] == sorted(expected.values_list("sequence", flat=True))
    assert found.made.entry["act"] == "ledger.bundled" and found.made.facts["entries"] == len(found.entries) == 43
    assert found.named[DIGEST] == [paper(full)] and found.attached == [f"files/{DIGEST}.pdf"]


def test_contents_are_shown_looks_stay_commitments_and_the_erased_are_proved_erased(full, folder, tmp_path):
    found = {told.proved.index: told for told in check_bundle(folder, vkeys(full, tmp_path)).entries}
    assert (found[1].state, found[1].proved.facts) == ("disclosed", {"what": "第1件"})
    assert (found[40].state, found[40].proved.facts) == ("withheld", None)
    assert (found[3].state, found[3].erased_by) == ("erased", 41)
    whole = "".join(path.read_text() for path in folder.glob("entries/*.json"))
    assert "谁的材料" not in whole and "第3件" not in whole


def test_each_entry_says_who_outside_has_seen_it(full, folder, tmp_path):
    found = {
        told.proved.index: told.proved.checkpoint.cosigned
        for told in check_bundle(folder, vkeys(full, tmp_path)).entries
    }
    assert found[0][0].name == "procuratorate/370923" and found[paper(full)] == ()


def test_without_leave_only_commitments_go_out(full, tmp_path):
    packing.into_folder(make(full, discloses=lambda act: False), tmp_path / "bare")
    states = {told.state for told in check_bundle(tmp_path / "bare", vkeys(full, tmp_path)).entries}
    assert states == {"withheld", "erased"}
    assert "第1件" not in "".join(path.read_text() for path in (tmp_path / "bare").rglob("*.json"))


def test_a_subject_alone_brings_the_erasure_that_is_about_its_entry(full, tmp_path):
    packing.into_folder(make(full, Scope("tests.thing:0")), tmp_path / "one")
    found = check_bundle(tmp_path / "one", vkeys(full, tmp_path))
    (erased,) = [told for told in found.entries if told.state == "erased"]
    (explains,) = [told for told in found.entries if told.explains]
    assert erased.erased_by == explains.proved.index == 41
    assert found.made.facts["entries"] == len(found.entries) - 1


def files_of(folder) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def refused(place, keys_) -> VerificationError:
    with pytest.raises(VerificationError) as found:
        check_bundle(place, keys_)
    return found.value


EACH = [False, pytest.param(True, marks=pytest.mark.deep)]


@pytest.mark.parametrize("each", EACH)
def test_a_change_of_any_file_is_named_with_the_file(full, folder, tmp_path, each):
    trusted = vkeys(full, tmp_path)
    names = files_of(folder)
    entries = [name for name in names if name.startswith("entries/")]
    for name in names if each else [name for name in names if name not in entries[2:-1]]:
        path = folder / name
        data = path.read_bytes()
        for at in {0, len(data) // 3, len(data) // 2, len(data) - 2, len(data) - 1}:
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert refused(folder, trusted).place == name, (name, at)
        for other in (data[:-1], data + b"\n", b""):
            path.write_bytes(other)
            assert refused(folder, trusted).place == name
        path.unlink()
        assert refused(folder, trusted).place == name
        path.write_bytes(data)
    assert check_bundle(folder, trusted)


@pytest.mark.parametrize("each", EACH)
def test_every_byte_of_the_making_is_bound(full, folder, tmp_path, each):
    trusted, path = vkeys(full, tmp_path)[:1], folder / "made.json"
    data = path.read_bytes()
    for at in range(0, len(data), 1 if each else len(data) // 60):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert refused(folder, trusted).place in ("made.json", "manifest.json"), at


def test_an_added_renamed_or_linked_file_is_named(full, folder, tmp_path):
    trusted = vkeys(full, tmp_path)
    (folder / "entries/0000000999.json").write_text("{}")
    assert refused(folder, trusted).place == "entries/0000000999.json"
    (folder / "entries/0000000999.json").unlink()
    (folder / "link.txt").symlink_to(folder / "keys.txt")
    assert refused(folder, trusted).place == "link.txt"
    (folder / "link.txt").unlink()
    (folder / "readme-zh.txt").rename(folder / "README-zh.txt")
    assert "eadme-zh.txt" in refused(folder, trusted).place.lower()


def test_what_systems_leave_in_folders_does_no_harm(full, folder, tmp_path):
    for name in (".DS_Store", "Thumbs.db", "entries/._0000000001.json", "desktop.ini"):
        (folder / name).write_bytes(b"\0")
    assert check_bundle(folder, vkeys(full, tmp_path))


def test_line_ends_of_windows_do_no_harm_and_are_told(full, folder, tmp_path, capsys):
    for path in [*folder.glob("*.json"), *folder.glob("*.txt"), *folder.glob("entries/*.json")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert command.main([str(folder), *[w for key in vkeys(full, tmp_path) for w in ("--key", key)]]) == 0
    assert "换行" in capsys.readouterr().out


def test_names_fit_every_system(folder):
    names = files_of(folder)
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert name.isascii() and name == name.lower() and not set(name) & set('\\:*?"<>| ') and len(name) < 100


def test_a_manifest_that_was_made_to_fit_is_still_caught_by_the_ledger(full, folder, tmp_path):
    """Who alters a file and the manifest with it can't alter the entry of the making."""
    readme = folder / "readme-zh.txt"
    readme.write_text("什么都没有证明。\n")
    manifest = json.loads((folder / "manifest.json").read_text())
    data = readme.read_bytes()
    manifest["files"]["readme-zh.txt"] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert refused(folder, vkeys(full, tmp_path)).place == "manifest.json"


def test_a_bundle_of_another_ledger_is_refused(full, folder, tmp_path):
    stranger = keys.write_key(tmp_path / "stranger.key", "qingkong/test", keys.ED25519).vkey
    assert refused(folder, [stranger])


def test_a_zip_is_checked_like_the_folder_and_the_checker_in_it_runs_alone(full, tmp_path):
    made = make(full, attached=[Attached(PAPER, ".pdf")])
    (tmp_path / "sent.zip").write_bytes(packing.zipped(made))
    with zipfile.ZipFile(tmp_path / "sent.zip") as packed:
        packed.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    (tmp_path / "held.pdf").write_bytes(PAPER)
    for what in (tmp_path / "sent.zip", folder):
        run = [sys.executable, "-I", "-S", str(folder / "qingkong-verify.pyz"), str(what), "--key", keys.vkey(full)]
        more = ["--file", str(tmp_path / "held.pdf"), "--file", str(folder / "keys.txt"), "--lang", "en"]
        done = subprocess.run([*run, *more], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        for said in ("True: the 4", "Content erased by law, by entry 41", f"entry {paper(full)} names it", "no entry of this bundle names it", "Not proved", "which no body you trust has seen"):  # fmt: skip
            assert said in done.stdout


def test_a_damaged_zip_is_refused_with_the_file(full, tmp_path, capsys):
    path = tmp_path / "sent.zip"
    data = packing.zipped(make(full))
    for at in (100, len(data) // 2, len(data) - 30):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        assert command.main([str(path), "--key", keys.vkey(full)]) == 1
    assert "不予认可" in capsys.readouterr().err


def test_making_one_is_an_entry_on_the_timeline_of_its_subject(full):
    made = make(full)
    assert ledger.timeline(THREAD, using=full)[0].act == "ledger.bundled"
    assert made.entry.thread == THREAD
    assert ledger.verify(full).ok


def test_a_second_bundle_holds_the_making_of_the_first(full, tmp_path):
    make(full)
    packing.into_folder(make(full), tmp_path / "second")
    acts = [told.proved.entry["act"] for told in check_bundle(tmp_path / "second", vkeys(full, tmp_path)).entries]
    assert acts.count("ledger.bundled") == 1


def test_a_file_that_no_shown_entry_names_isnt_taken_in(full):
    for kwargs in (
        {"attached": [Attached(b"other", ".pdf")]},
        {"attached": [Attached(PAPER, ".pdf")], "discloses": lambda act: False},
    ):
        with pytest.raises(CannotBundle):
            make(full, **kwargs)


def test_nothing_is_made_of_nothing_and_not_of_too_much(full, monkeypatch):
    with pytest.raises(NotFound):
        make(full, scope_of("J1999-000001"))
    monkeypatch.setattr(bundling, "MOST", 20)
    with pytest.raises(CannotBundle):
        make(full)


def test_what_a_bundle_would_hold_is_told_before(full):
    counted = bundling.count(Scope("tests.thing:0", THREAD), using=full)
    assert (counted.entries, counted.looks, counted.erased, counted.uncosigned) == (43, 1, 1, 1)


def test_questions_dont_grow_with_the_entries(full):
    counts = []
    for scope in (WHOLE, scope_of("J2026-000002")):  # 43 entries and one
        with CaptureQueriesContext(connections[full]) as asked:
            make(full, scope)
        counts.append(len(asked))
    assert counts[0] <= counts[1] + 2


def test_a_rewritten_history_shows_in_the_checkpoints_of_two_bundles(full, folder, tmp_path):
    """The old bundle stays provable with the key; the new one contradicts it at the same size."""
    old = check_bundle(folder, vkeys(full, tmp_path))
    shutil.rmtree(tmp_path / "outside")
    rewrite(full, 46)
    assert check_bundle(folder, [keys.vkey(full)]).newest.root == old.newest.root
    packing.into_folder(make(full), tmp_path / "new")
    assert check_bundle(tmp_path / "new", [keys.vkey(full)]).newest.root != old.newest.root


def test_a_content_deleted_without_law_isnt_called_erased(full, tmp_path):
    unguard(full)
    key = Entry.objects.using(full).get(leaf__sequence=6).pk
    connection = connections[full]
    sql(
        full,
        "UPDATE ledger_facts SET salt = NULL, value = NULL WHERE entry_id = %s",
        [key.hex if connection.vendor == "sqlite" else key],
    )
    packing.into_folder(make(full), tmp_path / "odd")
    assert refused(tmp_path / "odd", vkeys(full, tmp_path)).place == "entries/0000000006.json"
    assert transaction.get_autocommit(using=full)
