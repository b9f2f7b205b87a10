import io
import json
import os
import subprocess
import sys

import pytest

from qingkong.conftest import ledger_acts
from qingkong.kernel import vault
from qingkong.kernel.refusals import NotPermitted
from qingkong.kernel.vault import ProblemKind
from qingkong.project.cli import main

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

GROUND = "公安机关办理行政案件程序规定第一百九十六条"


def _keep(content):
    return vault.receive(io.BytesIO(content)).sha256


def _change(sha256, content):
    place = vault.path(sha256)
    place.chmod(0o644)
    place.write_bytes(content)


def test_a_sound_vault_has_no_problems():
    _keep(b"one")
    _keep(b"two")
    assert vault.scrub() == []


def test_missing_altered_and_unknown_files_are_named():
    gone, altered, shortened = _keep(b"gone"), _keep(b"altered"), _keep(b"shortened")
    vault.path(gone).unlink()
    _change(altered, b"alterEd")
    _change(shortened, b"short")
    (vault.store().blobs / "ab").mkdir(exist_ok=True)
    (vault.store().blobs / "ab" / "stray.txt").write_text("?")
    found = {(p.kind, p.name) for p in vault.scrub()}
    assert found == {
        (ProblemKind.MISSING, gone),
        (ProblemKind.ALTERED, altered),
        (ProblemKind.ALTERED, shortened),
        (ProblemKind.UNKNOWN, "ab/stray.txt"),
    }
    quick = {p.name for p in vault.scrub(quick=True)}
    assert altered not in quick
    assert shortened in quick


def test_one_flipped_bit_among_many_is_found():
    names = [_keep(f"content {i}".encode()) for i in range(60)]
    content = bytearray(vault.path(names[37]).read_bytes())
    content[3] ^= 1
    _change(names[37], bytes(content))
    assert [(p.kind, p.name) for p in vault.scrub()] == [(ProblemKind.ALTERED, names[37])]


def test_two_people_erase_with_a_ground_and_a_tombstone_stays(county, django_capture_on_commit_callbacks):
    sha256 = _keep(b"by law")
    with django_capture_on_commit_callbacks(execute=True):
        vault.erase(sha256, ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=county.at)
    assert not vault.exists(sha256)
    assert vault.Tombstone.objects.get().ground == GROUND
    assert ledger_acts(f"vault.blob:{sha256}") == ["vault.erased"]
    assert vault.scrub() == []
    with pytest.raises(vault.CannotReceive, match="依法销毁"):
        _keep(b"by law")


@pytest.mark.parametrize("ground", ["", "  "])
def test_without_a_ground_nothing_is_erased(county, ground):
    sha256 = _keep(b"stays")
    with pytest.raises(vault.CannotErase):
        vault.erase(sha256, ground=ground, actor=county.case_office, second=county.bureau_leader, at=county.at)
    assert vault.exists(sha256)


def test_one_person_alone_erases_nothing(county):
    sha256 = _keep(b"stays")
    with pytest.raises(vault.CannotErase, match="两个人"):
        vault.erase(sha256, ground=GROUND, actor=county.case_office, second=county.case_office, at=county.at)
    assert vault.exists(sha256)


@pytest.mark.parametrize("post", ["officer", "administrator", "station_head", "supervisor", "system", "person"])
def test_no_other_post_erases(county, post):
    sha256 = _keep(b"stays")
    with pytest.raises(NotPermitted):
        vault.erase(sha256, ground=GROUND, actor=getattr(county, post), second=county.bureau_leader, at=county.at)
    with pytest.raises(NotPermitted):
        vault.erase(sha256, ground=GROUND, actor=county.bureau_leader, second=getattr(county, post), at=county.at)


def test_an_erasure_that_rolled_back_keeps_the_file(county, django_capture_on_commit_callbacks):
    from django.db import transaction

    sha256 = _keep(b"stays")
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError), transaction.atomic():
        vault.erase(sha256, ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=county.at)
        raise RuntimeError
    assert vault.exists(sha256)
    assert not vault.Tombstone.objects.exists()


def test_an_erasure_that_a_crash_left_half_done_is_finished_and_named(county):
    sha256 = _keep(b"half")
    vault.erase(sha256, ground=GROUND, actor=county.case_office, second=county.bureau_leader, at=county.at)
    assert vault.exists(sha256)  # the transaction has not committed: the file is still there
    assert [(p.kind, p.name) for p in vault.scrub()] == [(ProblemKind.NOT_ERASED, sha256)]
    assert not vault.exists(sha256)


def test_the_command_takes_good_files_names_bad_ones_and_says_so(tmp_path, capsys):
    good, empty = tmp_path / "good.jpg", tmp_path / "empty.jpg"
    good.write_bytes(b"good")
    empty.touch()
    assert main(["vault", "receive", str(good), str(empty), str(tmp_path / "absent"), "--json"]) == 1
    out, err = capsys.readouterr()
    (row,) = json.loads(out)
    assert row == {"sha256": vault.Blob.objects.get().sha256, "size": 4, "stored": True}
    assert "empty.jpg" in err
    assert "absent" in err
    assert ledger_acts(f"vault.blob:{row['sha256']}") == ["vault.received"]


def test_the_command_says_whether_the_vault_is_sound(capsys):
    sha256 = _keep(b"x")
    assert main(["vault", "scrub", "--json"]) == 0
    vault.path(sha256).unlink()
    assert main(["vault", "scrub", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["problems"][0]["name"] == sha256


@pytest.mark.parametrize("verb", ["receive", "scrub"])
def test_the_commands_start_in_a_process_of_their_own(tmp_path, verb):
    """`receive` loads only the rooms it needs, so nothing else in this process shows whether it can."""
    env = {**os.environ, "QINGKONG_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "qingkong.project.settings"}
    command = [sys.executable, "-m", "qingkong.project.cli", "vault", verb, "--help"]
    assert subprocess.run(command, env=env, capture_output=True, timeout=120).returncode == 0
