from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from qingkong_verify import VerificationError, verify_checkpoint
from qingkong_verify.notes import COSIGNATURE, ED25519, cosigned_message, key_id, parse_key

ROOT = b"r" * 32


class Holder:
    """Somebody with a key, built here by hand from the C2SP papers and not with the product's signer."""

    def __init__(self, name: str, algorithm: int = ED25519, seed: bytes = b"s" * 32) -> None:
        self.name, self.private = name, Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.private.public_key().public_bytes_raw()
        self.id = key_id(name, algorithm, self.public)
        self.vkey = f"{name}+{self.id.hex()}+{b64encode(bytes([algorithm]) + self.public).decode()}"

    def line(self, message: bytes, before: bytes = b"") -> str:
        return f"— {self.name} {b64encode(self.id + before + self.private.sign(message)).decode()}\n"


LOG = Holder("qingkong/370923")
COURT = Holder("procuratorate/370923", COSIGNATURE, b"c" * 32)


def body(size="7", origin=LOG.name, root=ROOT, more="") -> str:
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n{more}"


def note(text: str, *lines: str) -> str:
    return f"{text}\n{''.join(lines)}"


def signed(text: str) -> str:
    return note(text, LOG.line(text.encode()))


def test_a_signed_checkpoint_tells_origin_size_and_root():
    checkpoint = verify_checkpoint(signed(body()), [LOG.vkey])
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (LOG.name, 7, ROOT)
    assert (checkpoint.signers, checkpoint.cosigned) == ((LOG.name,), ())
    assert verify_checkpoint(signed(body()).encode(), LOG.vkey) == checkpoint


def test_a_cosignature_tells_who_and_when_and_only_of_cosigners_one_knows():
    text = body()
    line = COURT.line(cosigned_message(text, 1_790_000_000), (1_790_000_000).to_bytes(8, "big"))
    both = note(text, LOG.line(text.encode()), line)
    (cosigned,) = verify_checkpoint(both, [LOG.vkey, COURT.vkey]).cosigned
    assert (cosigned.name, cosigned.seconds) == (COURT.name, 1_790_000_000)
    assert verify_checkpoint(both, [LOG.vkey]).cosigned == ()


def test_a_cosigner_alone_cannot_stand_for_the_log():
    text = body()
    line = COURT.line(cosigned_message(text, 5), (5).to_bytes(8, "big"))
    with pytest.raises(VerificationError):
        verify_checkpoint(note(text, line), [LOG.vkey, COURT.vkey])


def test_a_cosignature_with_another_time_is_refused():
    text = body()
    line = COURT.line(cosigned_message(text, 5), (6).to_bytes(8, "big"))
    with pytest.raises(VerificationError):
        verify_checkpoint(note(text, LOG.line(text.encode()), line), [LOG.vkey, COURT.vkey])


def test_a_key_of_another_name_does_not_sign_for_this_log():
    text = body(origin="qingkong/370900")
    with pytest.raises(VerificationError):
        verify_checkpoint(note(text, LOG.line(text.encode())), [LOG.vkey])


@pytest.mark.parametrize("size", ["07", "-1", "+7", "7.0", "７", "", " 7", "x", "1" * 30])
def test_a_size_that_is_no_plain_number_is_refused(size):
    with pytest.raises(VerificationError):
        verify_checkpoint(signed(body(size=size)), [LOG.vkey])


def test_more_lines_in_a_checkpoint_are_signed_along():
    assert verify_checkpoint(signed(body(more="ext\n")), [LOG.vkey]).size == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "x",
        body(),
        body() + "\n",
        signed(body())[:-1],
        signed(body(root=b"r" * 31)),
        signed(body()).replace("—", "-"),
        "\x00" + signed(body()),
    ],
)
def test_what_is_no_note_is_refused(text):
    with pytest.raises(VerificationError):
        verify_checkpoint(text, [LOG.vkey])


@pytest.mark.parametrize(
    "vkey", ["", "x", "a+b", LOG.vkey[:-2], LOG.vkey.replace("370923", "370924"), "qk+00000000+AQ==", " + + "]
)
def test_what_is_no_key_is_refused(vkey):
    with pytest.raises(VerificationError):
        parse_key(vkey)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 10_000), st.characters(codec="utf-8"))
def test_a_note_with_any_one_character_changed_is_refused_or_says_the_same(position, character):
    text = signed(body())
    position %= len(text)
    changed = text[:position] + character + text[position + 1 :]
    try:
        checkpoint = verify_checkpoint(changed, [LOG.vkey])
    except VerificationError:
        return
    assert (checkpoint.size, checkpoint.root, changed) == (7, ROOT, text)


@settings(deadline=None)
@given(st.text(), st.binary())
def test_rubbish_is_refused_and_never_crashes(text, data):
    for given_ in (text, data):
        with pytest.raises(VerificationError):
            verify_checkpoint(given_, [LOG.vkey])
