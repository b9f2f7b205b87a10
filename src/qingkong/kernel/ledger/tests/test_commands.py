"""`qingkong ledger …` on the instance's own database."""

import json

import pytest
from django.db import transaction

from qingkong.kernel import ledger
from qingkong.kernel.ledger.models import Entry
from qingkong.kernel.ledger.tests.building import AT, actor, sql, unguard
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
