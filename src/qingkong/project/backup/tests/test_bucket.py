"""Backups in an S3 store: a real SeaweedFS on this machine."""

import os
from datetime import timedelta

import pytest

from qingkong.conftest import AT
from qingkong.kernel.vault import StoreAway
from qingkong.kernel.vault.place import BadPlace
from qingkong.kernel.vault.tests import weed
from qingkong.project.backup import opening, stores, taking, verifying
from qingkong.project.backup.repository import open_repository

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    pytest.importorskip("obstore", reason="no obstore here: pip install obstore brings it")
    weed.needed()
    running = weed.Weed(tmp_path_factory.mktemp("weed"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def address(store, tmp_path) -> str:
    keys = tmp_path / "s3.toml"
    keys.write_text(f'access_key = "{weed.ACCESS}"\nsecret_key = "{weed.SECRET}"\n')
    keys.chmod(0o600)
    return f"s3://vault/backups-{tmp_path.name}?endpoint={store.endpoint}&keys={keys}&timeout=5"


def test_a_bucket_keeps_what_a_folder_keeps(instance, address):
    small, large = instance.store(b"small"), instance.store(os.urandom(18 * 2**20))
    instance.target = address
    first = instance.back_up()
    instance.enter("one more")
    second = instance.back_up(AT + HOUR)
    repository = instance.repository()
    assert repository.ids() == [first.manifest.id, second.manifest.id]
    assert second.written < first.written / 10
    assert second.manifest.blobs == 2
    verdict = verifying.verify(repository, second.manifest.id, actor=None, at=AT)
    assert (verdict.problems, verdict.blobs) == ([], 2)
    instance.erase_blob(small)
    instance.back_up(AT + 2 * HOUR)
    names = dict(stores.open_store(address).names("blobs"))
    assert list(names) == [repository.ring.name_of("blobs", large)]
    for piece in second.manifest.parts[0].pieces:
        repository.store.delete(repository.ring.name_of("pieces", piece))
    assert verifying.verify(opening.to_read(address), second.manifest.id, actor=None, at=AT).problems


def test_a_store_that_is_away_is_a_sentence_and_the_backup_before_stands(instance, address, store):
    instance.target = address
    first = instance.back_up()
    store.kill()
    try:
        with pytest.raises(StoreAway):
            instance.back_up(AT + HOUR)
    finally:
        store.start()
    assert open_repository(stores.open_store(address), instance.repository().ring).ids() == [first.manifest.id]
    assert not (instance.home / taking.SPOOL).exists()


def test_an_address_that_can_not_be_read_is_a_sentence(instance):
    with pytest.raises(BadPlace):
        stores.open_store("s3://?what=this")
