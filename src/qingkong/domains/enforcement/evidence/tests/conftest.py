import pytest
from django.utils import translation

from qingkong.domains.enforcement.calls.tests import building as calls
from qingkong.domains.enforcement.cases.tests import build as cases


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    """An empty vault and the Chinese language for each test."""
    settings.QINGKONG_HOME = tmp_path
    with translation.override("zh-hans"):
        yield tmp_path


@pytest.fixture
def call(county):
    """A call to which the station's officer was sent and where the officer arrived."""
    response = calls.a_reported_response(county)
    return response.call


@pytest.fixture
def case(county):
    """An administrative case of the station; its lead is the station's officer."""
    return cases.case(county)
