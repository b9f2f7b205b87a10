"""`qingkong ledger …` on the instance's own database."""

import json

import pytest
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.ledger.tests.building import AT, actor, sql, unguard
from qingkong.kernel.refusals import Refusal
from qingkong.project.cli import _parser
from qingkong_verify import command, verify_checkpoint
from qingkong_verify.folder import check_folder


@pytest.fixture
def entry(transactional_db) -> Entry:
    with transaction.atomic():
        found = ledger.record(
            actor=actor(),
            at=AT,
            act="tests.done",
            subject="tests.thing:1",
            facts={"what": "一件"},
            thread="J2026-000001",
        )
    ledger.integrate()
    return found


def run(*argv: str) -> int:
    args = _parser().parse_args(["ledger", *argv])
    return args.run(args)


def test_verify_says_ok_and_how_many(entry, capsys):
    assert run("verify", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["problems"]) == (True, [])
    assert said["entries"] == Entry.objects.count()
    assert run("verify") == 0
    assert "完好" in capsys.readouterr().err


def test_verify_fails_and_names_what_was_tampered_with(entry, capsys):
    unguard("default")
    sql("default", "UPDATE ledger_entry SET actor_name = '别人' WHERE act = 'tests.done'")
    assert run("verify", "--json") == 1
    said = json.loads(capsys.readouterr().out)
    (problem,) = said["problems"]
    assert (said["ok"], problem["row"], problem["column"]) == (False, str(entry.pk), "actor_name")
    assert run("verify") == 1
    assert str(entry.pk) in capsys.readouterr().err


def test_checkpoint_prints_a_note_that_the_printed_key_verifies(entry, capsys):
    assert run("checkpoint", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert verify_checkpoint(said["note"], [said["vkey"]]).size == said["size"] == Entry.objects.count()
    assert run("checkpoint") == 0
    assert capsys.readouterr().err.strip() == ledger.vkey()


def test_prove_writes_a_proof_that_the_verifier_accepts(entry, capsys, tmp_path):
    out = tmp_path / "proof.json"
    assert run("prove", str(entry.pk), "--out", str(out), "--with-facts") == 0
    assert command.main([str(out), "--key", ledger.vkey()]) == 0
    assert "一件" in capsys.readouterr().out
    assert run("prove", str(entry.pk)) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "qingkong-proof/1"
    assert run("prove", "rubbish") == 2


def test_export_and_cosign_work_from_the_command_line(entry, capsys, tmp_path):
    assert run("cosign", "--state", str(tmp_path / "outside"), "--name", "procuratorate/370923", "--json") == 0
    assert json.loads(capsys.readouterr().out)["size"] == Entry.objects.count()
    assert run("export", str(tmp_path / "out"), "--json") == 0
    cosigner = (tmp_path / "outside" / "cosigner.pub").read_text().strip()
    checked = check_folder(tmp_path / "out", [ledger.vkey(), cosigner])
    assert [cosigned.name for cosigned in checked.checkpoint.cosigned] == ["procuratorate/370923"]


def test_cosigners_are_added_listed_taken_in_and_ended_from_the_command_line(entry, capsys, tmp_path):
    from qingkong.kernel.ledger import notes, sequencing
    from qingkong.kernel.ledger.keys import make_cosigner_key

    signer = make_cosigner_key(tmp_path / "outside.key", "procuratorate/370923")
    assert run("cosigners", "add", signer.name, signer.vkey) == 0
    note = sequencing.checkpoint().note
    (tmp_path / "cosigned").write_text(f"{note}{notes.cosign(signer, note, int(AT.timestamp()))}\n")
    assert run("cosigners", "take", str(tmp_path / "cosigned"), "--json") == 0
    assert json.loads(capsys.readouterr().out)["size"] == Entry.objects.count()
    assert run("cosigners", "list", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["uncosigned"], said["cosigners"][0]["name"]) == (0, signer.name)
    assert run("cosigners", "end", signer.name) == 0
    assert run("cosigners", "list") == 0
    assert "已停收" in capsys.readouterr().out


def test_a_bundle_is_made_and_checked_from_the_command_line(entry, capsys, tmp_path, settings):
    settings.QINGKONG_HOME = tmp_path / "home"
    for place in ("bundle", "sent.zip"):
        assert run("bundle", "J2026-000001", str(tmp_path / place), "--with-facts", "--json") == 0
        made = json.loads(capsys.readouterr().out)
        assert command.main([str(tmp_path / place), "--key", made["vkey"]]) == 0
        assert "一件" in capsys.readouterr().out
    with pytest.raises(Refusal):
        run("bundle", "J2026-000001", str(tmp_path / "bundle"))
    assert run("publish", "--json") == 0
