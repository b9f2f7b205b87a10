"""Proofs and exports are checked by the independent verifier, and by nothing of the server."""

import json
import shutil
import subprocess
import sys

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from qingkong.kernel import ledger
from qingkong.kernel.ledger import exporting, keys, tree
from qingkong.kernel.ledger.models import Leaf
from qingkong.kernel.ledger.tests.building import enter, fill
from qingkong.kernel.refusals import NotFound
from qingkong_verify import VerificationError, command
from qingkong_verify.build import build
from qingkong_verify.folder import check_folder
from qingkong_verify.merkle import root_of
from qingkong_verify.proofs import check_proof


def test_every_entry_of_a_ledger_can_be_proved_offline(apart):
    entries = fill(270)
    vkey = keys.vkey(apart)
    for index in (0, 1, 127, 255, 256, 269):
        proved = check_proof(json.dumps(ledger.prove(entries[index], using=apart)), [vkey])
        assert (proved.index, proved.entry["id"], proved.facts) == (index, str(entries[index].pk), None)


def test_a_proof_is_made_with_few_questions_however_long_the_ledger(apart):
    entries = fill(600)
    with CaptureQueriesContext(connections[apart]) as asked:
        ledger.prove(entries[3], using=apart)
    assert len(asked) <= 6


def test_a_proof_can_disclose_its_facts_and_forged_facts_are_refused(apart):
    entry = fill(3)[1]
    proof = ledger.prove(entry, with_facts=True, using=apart)
    assert check_proof(json.dumps(proof), [keys.vkey(apart)]).facts == {"what": "第1件"}
    proof["facts"]["text"] = '{"what":"别的"}'
    with pytest.raises(VerificationError):
        check_proof(json.dumps(proof), [keys.vkey(apart)])


@pytest.mark.parametrize("field", ["entry", "index", "size", "proof", "checkpoint", "format"])
def test_a_proof_altered_anywhere_is_refused(apart, field):
    proof = ledger.prove(fill(9)[4], using=apart)
    other = {"entry": proof["entry"].replace("示例甲", "示例乙"), "index": 5, "size": 8, "proof": proof["proof"][::-1]}
    other |= {"checkpoint": proof["checkpoint"].replace("\n9\n", "\n8\n"), "format": "x"}
    for value in (other[field], None, True, [], {}):
        with pytest.raises(VerificationError):
            check_proof(json.dumps({**proof, field: value}), [keys.vkey(apart)])


def test_an_entry_that_waits_cannot_be_proved_yet_and_one_that_is_not_there_never(apart):
    with ledger.deferred(apart):
        entry = enter()
        with pytest.raises(ledger.NotYetSealed):
            ledger.prove(entry, using=apart)
    with pytest.raises(NotFound):
        ledger.prove("0190aaaa-0000-7000-8000-000000000001", using=apart)


@pytest.fixture
def exported(apart, tmp_path):
    fill(300)
    exporting.export(tmp_path / "out", using=apart)
    return tmp_path / "out"


def test_an_exported_ledger_is_checked_by_the_verifier_alone(apart, exported, capsys):
    checked = check_folder(exported, [keys.vkey(apart)])
    assert checked.entries == 300
    assert command.main([str(exported), "--key", str(exported / "vkey")]) == 0
    assert "300" in capsys.readouterr().out


def test_an_export_grows_with_the_ledger_and_never_shrinks(apart, exported):
    for number in range(250):
        enter(number)
    assert exporting.export(exported, using=apart) == 550
    assert check_folder(exported, [keys.vkey(apart)]).entries == 550
    note = (exported / "checkpoint").read_text()
    (exported / "checkpoint").write_text(note.replace("\n550\n", "\n9999\n"))
    with pytest.raises(exporting.CannotExport):
        exporting.export(exported, using=apart)


@pytest.mark.parametrize(
    "file",
    ["checkpoint", "tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"],
)
@pytest.mark.parametrize("damage", ["flip", "cut", "pad", "lose"])
def test_a_damaged_file_of_an_export_is_refused(apart, exported, file, damage):
    path = exported / file
    data = path.read_bytes()
    if damage == "lose":
        path.unlink()
    else:
        flipped = data[:9] + bytes([data[9] ^ 1]) + data[10:]
        path.write_bytes({"flip": flipped, "cut": data[:-1], "pad": data + b"x"}[damage])
    with pytest.raises(VerificationError):
        check_folder(exported, [keys.vkey(apart)])


def test_two_swapped_entries_of_an_export_are_named(apart, exported, capsys):
    path = exported / "tile/entries/000"
    data, parts, position = path.read_bytes(), [], 0
    while position < len(data):
        end = position + 2 + int.from_bytes(data[position : position + 2], "big")
        parts.append(data[position:end])
        position = end
    parts[3], parts[8] = parts[8], parts[3]
    path.write_bytes(b"".join(parts))
    assert command.main([str(exported), "--key", keys.vkey(apart), "--lang", "en"]) == 1
    assert "Entry 3 doesn't match" in capsys.readouterr().err


def test_the_one_file_verifier_runs_alone(apart, exported, tmp_path):
    archive = build(tmp_path / "alone" / "qingkong-verify.pyz")
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(ledger.prove(str(Leaf.objects.using(apart).get(sequence=7).entry_id), using=apart)))
    for what in (exported, proof):
        run = [sys.executable, "-I", "-S", str(archive), str(what), "--key", keys.vkey(apart), "--json"]
        done = subprocess.run(run, capture_output=True, text=True, cwd=archive.parent, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["size"] == 300


def test_wrong_use_is_told_from_a_refusal(apart, exported, tmp_path, capsys):
    stranger = keys.write_key(tmp_path / "stranger.key", "qingkong/test", keys.ED25519).vkey
    assert command.main([str(exported), "--key", stranger]) == 1
    assert command.main([str(exported), "--key", "rubbish"]) == 2
    assert command.main([str(tmp_path / "nowhere"), "--key", stranger]) == 2
    shutil.rmtree(exported / "tile")
    (exported / "checkpoint").unlink()
    assert command.main([str(exported), "--key", stranger]) == 2
    assert capsys.readouterr().out == ""


def test_the_tree_of_the_tiles_is_the_tree_of_the_leaves(apart):
    fill(530)
    leaves = [
        bytes(leaf)
        for leaf in Leaf.objects.using(apart).order_by("sequence").values_list("entry__leaf_hash", flat=True)
    ]
    for size in (1, 2, 255, 256, 257, 511, 512, 513, 530):
        assert tree.root(size, apart) == root_of(leaves[:size])
