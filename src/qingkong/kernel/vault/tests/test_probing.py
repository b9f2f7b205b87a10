"""`qingkong check` knows where originals are, and whether that place keeps what is promised."""

import io

import pytest

from qingkong.kernel import vault
from qingkong.kernel.vault import place, probing

pytestmark = [pytest.mark.django_db]


def _asked():
    return {str(one.what): one for one in probing.probe()}


def test_a_folder_is_sound(home):
    (home / "vault").mkdir()
    vault.receive(io.BytesIO(b"abc"))
    assert all(one.ok for one in _asked().values())


def test_a_store_that_is_there_and_refuses_a_second_put_is_sound_and_nothing_is_left_in_it(bucket):
    vault.receive(io.BytesIO(b"abc"))
    before = [found["path"] for found in bucket.remote.list("")]
    asked = _asked()
    assert {what for what, one in asked.items() if not one.ok} == {"防覆盖"}
    assert not asked["防覆盖"].grave
    assert "拒绝" in str(asked["条件写入"].note)
    assert [found["path"] for found in bucket.remote.list("")] == before


def test_an_address_that_holds_none_of_the_originals_is_grave(home, address, settings):
    vault.receive(io.BytesIO(b"abc"))
    settings.QINGKONG_VAULT = address
    asked = _asked()
    assert not asked["原件在位"].ok
    assert asked["原件在位"].grave


def test_a_setting_that_says_another_place_than_the_last_switch_is_named(home, settings):
    (home / "vault").mkdir()
    place.write(f"file://{home}/vault", manifest="0" * 64)
    settings.QINGKONG_VAULT = "s3://elsewhere/p"
    asked = _asked()
    assert "vault.toml" in str(asked["原件库设置"].note)
    assert vault.store().url == f"file://{home}/vault"


def test_a_store_that_is_away_is_grave_and_what_waits_is_counted(bucket, address, weed, settings):
    settings.QINGKONG_VAULT = address.replace(weed.endpoint, "http://127.0.0.1:1")
    with pytest.raises(vault.StoreAway):
        vault.receive(io.BytesIO(b"abc"))
    asked = _asked()
    assert (asked["原件存储"].ok, asked["原件存储"].grave) == (False, True)
    assert "1 份" in str(asked["等待存入"].note)
