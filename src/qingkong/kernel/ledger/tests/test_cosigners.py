"""Who may countersign, and what becomes of a cosignature that comes from outside."""

from datetime import timedelta

import pytest

from qingkong.kernel import ledger
from qingkong.kernel.ledger import cosigners, keys, notes
from qingkong.kernel.ledger.models import Checkpoint, Cosignature, Entry
from qingkong.kernel.ledger.tests.building import AT, actor, enter, fill
from qingkong.kernel.refusals import NotFound

NAME = "procuratorate/370923"


@pytest.fixture
def signer(apart, tmp_path):
    return keys.make_cosigner_key(tmp_path / "outside.key", NAME)


def register(signer, using):
    return cosigners.register(name=signer.name, vkey=signer.vkey, actor=actor(), at=AT, using=using)


def newest(using) -> str:
    ledger.integrate(using)
    return Checkpoint.objects.using(using).latest("number").note


def signed(signer, note: str, at=AT) -> str:
    return f"{note}{notes.cosign(signer, note, int(at.timestamp()))}\n"


def test_a_registered_key_is_entered_and_its_cosignature_taken_once(apart, signer):
    fill(3)
    register(signer, apart)
    register(signer, apart)
    assert [e.act for e in Entry.objects.using(apart).filter(subject=f"ledger.cosigner:{NAME}")] == [
        "ledger.cosigner_added"
    ]
    note = newest(apart)
    assert cosigners.take(signed(signer, note), at=AT, using=apart) == cosigners.Taken(NAME, 4, True)
    assert not cosigners.take(signed(signer, note, AT + timedelta(minutes=1)), at=AT, using=apart).new
    assert Cosignature.objects.using(apart).count() == 1
    assert ledger.verify(apart).ok


def test_an_unknown_key_is_refused_with_the_way_to_be_known(apart, signer):
    fill(3)
    with pytest.raises(cosigners.UnknownKey) as refused:
        cosigners.take(signed(signer, newest(apart)), at=AT, using=apart)
    assert refused.value.status == 403 and "登记" in str(refused.value.how)
    assert not Cosignature.objects.using(apart).exists()


def test_a_key_that_takes_a_registered_name_is_unknown(apart, signer, tmp_path):
    fill(3)
    register(signer, apart)
    thief = keys.make_cosigner_key(tmp_path / "thief.key", NAME)
    with pytest.raises(cosigners.UnknownKey):
        cosigners.take(signed(thief, newest(apart)), at=AT, using=apart)
    with pytest.raises(cosigners.NotACosigner):
        register(thief, apart)


def test_a_line_whose_signature_is_wrong_or_whose_time_lies_ahead_is_refused(apart, signer):
    fill(3)
    register(signer, apart)
    note = newest(apart)
    other = signed(signer, note.replace("\n4\n", "\n3\n", 1)).rstrip("\n").rpartition("\n")[2]
    for bad in (f"{note}{other}\n", signed(signer, note, AT + timedelta(days=2)), "rubbish", "", note[:-9]):
        with pytest.raises(cosigners.BadCosignature):
            cosigners.take(bad, at=AT, using=apart)
    assert not Cosignature.objects.using(apart).exists()


def test_a_checkpoint_that_isnt_ours_is_refused_though_our_key_signed_it(apart, signer):
    fill(3)
    register(signer, apart)
    ledger.integrate(apart)
    for size in (4, 9):
        forged = notes.sign_checkpoint(keys.signer(apart), size, b"\7" * 32)
        with pytest.raises(cosigners.NotOurs):
            cosigners.take(signed(signer, forged), at=AT, using=apart)


def test_a_cosigner_that_ended_is_no_longer_heard_and_can_be_registered_again(apart, signer):
    fill(3)
    register(signer, apart)
    cosigners.take(signed(signer, newest(apart)), at=AT, using=apart)
    cosigners.end(name=NAME, actor=actor(), at=AT + timedelta(hours=1), using=apart)
    with pytest.raises(cosigners.UnknownKey):
        cosigners.take(signed(signer, newest(apart)), at=AT, using=apart)
    (one,) = cosigners.seen(apart)
    assert (one.ended, one.size) == (True, 4)
    cosigners.register(name=NAME, vkey=signer.vkey, actor=actor(), at=AT + timedelta(hours=2), using=apart)
    assert cosigners.take(signed(signer, newest(apart)), at=AT, using=apart).new
    with pytest.raises(NotFound):
        cosigners.end(name="nobody", actor=actor(), at=AT, using=apart)


def unseen(using):
    window = ledger.exposure(AT + timedelta(hours=1), using=using)
    return window.entries, window.oldest_at, window.pending


def test_what_no_cosigner_has_seen_is_counted_from_the_instant_of_the_first(apart, signer):
    fill(3)
    assert unseen(apart) == (3, AT, 0)
    register(signer, apart)
    cosigners.take(signed(signer, newest(apart)), at=AT, using=apart)
    assert unseen(apart) == (0, None, 0)
    enter(1, at=AT + timedelta(minutes=5))
    enter(2, at=AT + timedelta(minutes=6))
    ledger.integrate(apart)
    assert unseen(apart) == (2, AT + timedelta(minutes=5), 0)
    assert cosigners.seen(apart) == [cosigners.Seen(NAME, 4, AT)]


def test_the_logs_own_key_is_no_cosigner(apart):
    with pytest.raises(cosigners.NotACosigner):
        cosigners.register(name="qingkong/test", vkey=keys.vkey(apart), actor=actor(), at=AT, using=apart)
