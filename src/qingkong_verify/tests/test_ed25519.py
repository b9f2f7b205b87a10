"""Ed25519 in plain Python says what OpenSSL says, and what RFC 8032 prints."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from qingkong_verify import ed25519

# RFC 8032 §7.1: secret key, public key, message, signature
PUBLISHED = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def openssl_says(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize(("public", "message", "signature"), PUBLISHED)
def test_a_published_signature_is_accepted_and_one_bit_off_is_not(public, message, signature):
    public, message, signature = (bytes.fromhex(text) for text in (public, message, signature))
    assert ed25519.verify(public, message, signature)
    for byte in range(64):
        forged = signature[:byte] + bytes([signature[byte] ^ 1]) + signature[byte + 1 :]
        assert not ed25519.verify(public, message, forged)
    assert not ed25519.verify(public, message + b"x", signature)


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511), st.booleans())
def test_it_agrees_with_openssl_on_good_and_damaged_signatures(seed, message, bit, damage_key):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert ed25519.verify(public, message, signature)
    damaged = bytearray(public if damage_key else signature)
    damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    args = (bytes(damaged), message, signature) if damage_key else (public, message, bytes(damaged))
    assert ed25519.verify(*args) == openssl_says(*args)


def test_a_signature_with_the_group_order_added_is_refused():
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"m")
    s = int.from_bytes(signature[32:], "little") + ed25519.L
    malleable = signature[:32] + s.to_bytes(32, "little")
    assert not ed25519.verify(public, b"m", malleable)
    assert not openssl_says(public, b"m", malleable)


@pytest.mark.parametrize(
    "public", [b"", b"\xff" * 32, (ed25519.P + 1).to_bytes(32, "little"), b"\x01" + b"\x00" * 30 + b"\x80", b"k" * 33]
)
def test_a_key_that_is_no_point_verifies_nothing(public):
    assert not ed25519.verify(public, b"m", bytes(64))


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=80), st.binary(max_size=80))
def test_rubbish_is_refused_and_never_crashes(public, signature):
    assert not ed25519.verify(public, b"m", signature)
