import io
import random
import secrets

import pytest

from qingkong.kernel import vault
from qingkong.kernel.vault import place
from qingkong.kernel.vault.folder import Folder
from qingkong.kernel.vault.tests.weed import ACCESS, SECRET, Weed, needed


@pytest.fixture
def home(tmp_path, settings):
    """An empty instance folder."""
    settings.QINGKONG_HOME = tmp_path
    return tmp_path


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "vault")


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory):
    """A running SeaweedFS, for all tests of this process; skipped where the program isn't."""
    needed()
    store = Weed(tmp_path_factory.mktemp("weed"))
    store.start()
    yield store
    store.stop()


@pytest.fixture
def weed(seaweed):
    """The store, running when a test begins, whatever the one before did to it."""
    if seaweed.process is None:
        seaweed.start()
    return seaweed


@pytest.fixture
def address(weed, tmp_path):
    """An address in the store that nobody used before, with a file of keys."""
    keys = tmp_path / "s3.toml"
    keys.touch(mode=0o600)
    keys.write_text(f'access_key = "{ACCESS}"\nsecret_key = "{SECRET}"\n')
    return f"s3://vault/{secrets.token_hex(4)}?endpoint={weed.endpoint}&keys={keys}&timeout=10&cache=0.01"


@pytest.fixture
def bucket(address, home, settings):
    """An empty instance whose originals are in the store; its backend."""
    settings.QINGKONG_VAULT = address
    place._bucket.cache_clear()
    return vault.store()


@pytest.fixture
def elsewhere(tmp_path):
    """The address of another folder."""
    return f"file://{tmp_path}/elsewhere"


@pytest.fixture
def originals(home):
    """A dozen different contents in the vault's own folder."""
    return [vault.receive(io.BytesIO(random.Random(n).randbytes(2000 + n))).sha256 for n in range(12)]
