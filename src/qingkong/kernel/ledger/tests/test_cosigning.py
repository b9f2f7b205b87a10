from datetime import timedelta

import pytest

from qingkong.kernel import ledger
from qingkong.kernel.ledger import cosigning, keys
from qingkong.kernel.ledger.models import Checkpoint, Cosignature
from qingkong.kernel.ledger.proving import note_with_cosignatures
from qingkong.kernel.ledger.tests.building import AT, actor, enter, fill, sql, unguard
from qingkong.kernel.refusals import Refusal
from qingkong_verify import verify_checkpoint

NAME = "procuratorate/370923"


def cosign(folder, using, **kwargs):
    return cosigning.cosign(folder, **{"name": NAME, "at": AT, **kwargs}, using=using)


def rewrite(using: str, count: int) -> None:
    """What an administrator with the server's key can do: another history, signed and whole."""
    unguard(using)
    for table in ("cosignature", "cosigner", "checkpoint", "tile", "leaf", "pending", "facts", "entry"):
        sql(using, f"DELETE FROM ledger_{table}")
    with ledger.deferred(using):
        for number in range(count):
            enter(number, actor=actor("示例丙"))
    assert ledger.verify(using).ok


def test_a_cosigner_countersigns_what_continues_and_the_instance_keeps_it(apart, tmp_path):
    fill(5)
    assert cosign(tmp_path / "outside", apart).size == 6  # its own introduction is the sixth entry
    enter(act="tests.seen")
    ledger.integrate(apart)
    done = cosign(tmp_path / "outside", apart, name="", at=AT + timedelta(hours=1))
    assert (done.before, done.size) == (6, 7)
    assert Cosignature.objects.using(apart).count() == 2
    outside = (tmp_path / "outside" / "cosigner.pub").read_text().strip()
    note = note_with_cosignatures(Checkpoint.objects.using(apart).get(size=7))
    (cosigned,) = verify_checkpoint(note, [keys.vkey(apart), outside]).cosigned
    assert (cosigned.name, cosigned.seconds) == (NAME, int((AT + timedelta(hours=1)).timestamp()))
    assert ledger.verify(apart).ok


def test_pages_and_proofs_show_what_an_outside_body_has_seen(apart, tmp_path):
    first, *_ = fill(5)
    cosign(tmp_path / "outside", apart)
    enter(act="tests.seen")
    ledger.integrate(apart)
    assert [line.cosigned for line in ledger.timeline("J2026-000001", using=apart)] == [False] + [True] * 5
    assert NAME in ledger.prove(first, using=apart)["checkpoint"]


@pytest.mark.parametrize("count", [5, 6, 9, 300])
def test_a_rewritten_log_with_a_good_signature_is_named_by_a_cosigner_that_saw_the_older_one(apart, tmp_path, count):
    outside = tmp_path / "outside"
    fill(5)
    seen = cosign(outside, apart).note
    rewrite(apart, count)
    with pytest.raises(cosigning.ForkFound) as refused:
        cosign(outside, apart)
    assert "历史" in str(refused.value)
    (evidence,) = outside.glob("fork-*.seen")
    assert evidence.read_text() == seen
    assert evidence.with_suffix(".shown").read_text() == Checkpoint.objects.using(apart).get().note
    assert (outside / "checkpoint").read_text() == seen
    assert not Cosignature.objects.using(apart).exists()


def test_a_log_that_lost_its_tail_is_refused_by_the_cosigner(apart, tmp_path):
    fill(9)
    cosign(tmp_path / "outside", apart)
    rewrite(apart, 3)
    with pytest.raises(cosigning.ForkFound):
        cosign(tmp_path / "outside", apart)


def test_a_log_that_signs_with_another_key_is_refused(apart, tmp_path):
    fill(3)
    cosign(tmp_path / "outside", apart)
    key = keys._file(apart)
    for file in (key, key.with_suffix(".pub")):
        file.unlink()
    ledger.make_key(origin="qingkong/test", using=apart)
    rewrite(apart, 3)
    with pytest.raises(cosigning.ForkFound):
        cosign(tmp_path / "outside", apart)


def test_cosigning_the_same_checkpoint_again_changes_nothing(apart, tmp_path):
    fill(3)
    for hour in (0, 1):
        cosign(tmp_path / "outside", apart, at=AT + timedelta(hours=hour))
    assert Cosignature.objects.using(apart).count() == 1
    assert ledger.verify(apart).ok


def test_a_cosigner_needs_a_name_once_and_keeps_it(apart, tmp_path):
    fill(1)
    for bad in ("", "with space", "a+b"):
        with pytest.raises(Refusal):
            cosign(tmp_path / "outside", apart, name=bad)
    cosign(tmp_path / "outside", apart)
    with pytest.raises(cosigning.CannotCosign):
        cosign(tmp_path / "outside", apart, name="somebody/else")
    with pytest.raises(cosigning.CannotCosign):
        cosign(tmp_path / "another", apart)


def test_there_is_nothing_to_cosign_in_an_empty_ledger(apart, tmp_path):
    with pytest.raises(cosigning.CannotCosign):
        cosign(tmp_path / "outside", apart)


@pytest.mark.parametrize(
    "change", ["line = '— x AAAA'", "cosigner_id = 'nobody'", "signed_at = '2026-01-01 00:00:00+00:00'"]
)
def test_an_altered_cosignature_is_named(apart, tmp_path, change):
    fill(3)
    cosign(tmp_path / "outside", apart)
    unguard(apart)
    sql(apart, f"UPDATE ledger_cosignature SET {change}")
    assert [problem.table for problem in ledger.verify(apart).problems] == ["ledger_cosignature"]
