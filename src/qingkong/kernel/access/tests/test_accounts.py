"""Accounts and posts: what the administrator does, and what nobody does to themselves."""

import pytest

from qingkong.conftest import AT, ledger_acts
from qingkong.kernel.access import accounts
from qingkong.kernel.identity import queries
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.refusals import Invalid, NotPermitted
from qingkong.kernel.text import local


@pytest.fixture
def officer(county):
    return accounts.make_account(
        username="Z001", name="示例新人", password="a long passphrase", actor=county.administrator, at=AT
    )


def test_an_account_opens_with_its_entry(officer):
    assert ledger_acts(officer) == ["identity.account_made"]
    assert officer.check_password("a long passphrase")


@pytest.mark.parametrize(
    "username, name, password", [("", "甲", None), ("Z 2", "甲", None), ("Z2", " ", None), ("Z2", "甲", "short")]
)
def test_bad_input_opens_no_account(county, username, name, password):
    with pytest.raises(Invalid):
        accounts.make_account(username=username, name=name, password=password, actor=county.administrator, at=AT)


def test_a_police_number_is_used_once(county, officer):
    with pytest.raises(Invalid):
        accounts.make_account(username="Z001", name="示例", actor=county.administrator, at=AT)


def test_only_the_administrator_opens_accounts(county):
    for actor in (county.officer, county.bureau_leader, county.supervisor, county.person):
        with pytest.raises(NotPermitted):
            accounts.make_account(username="Z9", name="示例", actor=actor, at=AT)


def test_the_administrator_appoints_nobody_to_themselves(county):
    own = county.officers.administrator
    with pytest.raises(accounts.CannotChangeAccount):
        accounts.appoint(officer=own, unit=county.station, post=Post.STATION_HEAD, actor=county.administrator, at=AT)
    with pytest.raises(accounts.CannotChangeAccount):
        accounts.close_account(officer=own, actor=county.administrator, at=AT)


def test_an_ended_post_carries_nothing_any_more(county, officer):
    appointment = accounts.appoint(
        officer=officer, unit=county.station, post=Post.OFFICER, actor=county.administrator, at=AT
    )
    assert queries.appointment(appointment.pk, on=local(AT).date())
    accounts.end_appointment(appointment=appointment, actor=county.administrator, at=AT)
    assert queries.appointment(appointment.pk, on=local(AT).date()) is None


def test_a_closed_account_has_no_running_appointment(county, officer):
    appointment = accounts.appoint(
        officer=officer, unit=county.station, post=Post.OFFICER, actor=county.administrator, at=AT
    )
    accounts.close_account(officer=officer, actor=county.administrator, at=AT)
    assert queries.appointment(appointment.pk, on=local(AT).date()) is None
    accounts.reopen_account(officer=officer, actor=county.administrator, at=AT)
    assert queries.appointment(appointment.pk, on=local(AT).date())
