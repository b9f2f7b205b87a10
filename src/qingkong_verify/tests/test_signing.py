"""Signing in plain Python gives, bit for bit, what OpenSSL gives."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from qingkong_verify import VerificationError, ed25519, signing
from qingkong_verify.notes import parse_key
from qingkong_verify.tests.test_ed25519 import PUBLISHED


@pytest.mark.parametrize(("public", "message", "signature"), PUBLISHED)
def test_what_rfc_8032_prints_is_signed_by_its_seeds(public, message, signature):
    seeds = {
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c": "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025": "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    }
    seed = bytes.fromhex(seeds[public])
    assert signing.public_of(seed).hex() == public
    assert signing.sign(seed, bytes.fromhex(message)).hex() == signature


@settings(max_examples=25, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=300))
def test_any_key_signs_as_openssl_signs(seed, message):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert signing.public_of(seed) == private.public_key().public_bytes_raw()
    signature = signing.sign(seed, message)
    assert signature == private.sign(message)
    assert ed25519.verify(signing.public_of(seed), message, signature)


def test_a_key_file_is_read_back_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "cosigner.key"
    made = signing.make_cosigner(path, "procuratorate/370923")
    assert signing.read_cosigner(path) == made
    assert path.stat().st_mode & 0o077 == 0
    assert parse_key((tmp_path / "cosigner.pub").read_text()).public == made.public
    path.write_text(path.read_text().replace("procuratorate", "procuratorat3"))
    with pytest.raises(VerificationError):
        signing.read_cosigner(path)


def test_the_servers_own_command_reads_a_watchers_key_and_the_other_way_round(tmp_path):
    from qingkong.kernel.ledger import keys

    made = signing.make_cosigner(tmp_path / "a.key", "procuratorate/370923")
    assert keys.read_key(tmp_path / "a.key").vkey == made.vkey
    signer = keys.make_cosigner_key(tmp_path / "b.key", "inspectorate/370923")
    assert signing.read_cosigner(tmp_path / "b.key").vkey == signer.vkey
