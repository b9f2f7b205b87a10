import pytest

from qingkong.kernel.vault.folder import Folder


@pytest.fixture
def home(tmp_path, settings):
    """An empty instance folder."""
    settings.QINGKONG_HOME = tmp_path
    return tmp_path


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "vault")
