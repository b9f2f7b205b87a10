import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from qingkong.kernel import access, jobs, ledger, notices
from qingkong.kernel.jobs import faults
from qingkong.kernel.notices.messages import GatewayFault, sweep
from qingkong.kernel.notices.models import Message
from qingkong.kernel.notices.states import State
from qingkong.kernel.refusals import NotFound
from qingkong.kernel.text import zh

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TEXT = zh("您的报案已登记，编号 {number}。", number="B2026-000001")

pytestmark = pytest.mark.django_db


class Carrier:
    """A gateway that keeps what it was given, or refuses."""

    leaves_the_house = True
    taken: list[tuple[str, str, str]] = []
    refuses = False

    def send(self, *, to_phone: str, text: str, reference: str) -> None:
        if self.refuses:
            raise GatewayFault("busy")
        self.taken.append((to_phone, text, reference))


@pytest.fixture
def carrier(settings: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Carrier]]:
    settings.QINGKONG_SMS_GATEWAY = f"{__name__}.Carrier"
    monkeypatch.setattr(Carrier, "taken", [])
    monkeypatch.setattr(Carrier, "refuses", False)
    yield Carrier


def send(phone: str = "199 0000 0000") -> Message:
    return notices.send(
        to_phone=phone, kind="reports.receipt", text=TEXT, subject="cases.report:1", at=AT, actor=access.system("test")
    )


def acts() -> list[str]:
    return [line.act for line in ledger.timeline("cases.report:1", limit=50)]


def test_without_a_gateway_a_message_stays_in_the_outbox_with_its_phone_sealed(settings):
    message = Message.objects.get(pk=send().pk)
    assert message.state == State.KEPT
    assert str(message.to_phone) == "已封存"
    settings.QINGKONG_DEMO = True
    (shown,) = notices.outbox()
    assert shown.text == "您的报案已登记，编号 B2026-000001。"
    assert acts() == ["notices.queued"]


def test_the_outbox_is_shown_in_a_demo_only(settings):
    settings.QINGKONG_DEMO = False
    with pytest.raises(NotFound):
        notices.outbox()


def test_a_message_is_delivered_once_and_its_text_goes(carrier):
    message = send()
    jobs.run_due(AT)
    jobs.run_due(AT + timedelta(days=1))
    assert carrier.taken == [("19900000000", "您的报案已登记，编号 B2026-000001。", str(message.pk))]
    message = Message.objects.get()
    assert (message.state, message.text, message.sent_at) == (State.SENT, "", AT)
    assert acts() == ["notices.sent", "notices.queued"]


def test_opening_the_phone_is_itself_entered(carrier):
    message = send()
    jobs.run_due(AT)
    (line,) = ledger.timeline(message.subject_key)
    assert (line.act, line.purpose) == ("access.looked", access.Purpose.NOTIFYING)


def test_a_refusing_gateway_is_tried_again_and_given_up_at_last(carrier, caplog):
    carrier.refuses = True
    send()
    now = AT
    with caplog.at_level(logging.DEBUG):
        for delay in (*faults.DELAYS, timedelta(0)):
            assert Message.objects.get().state == State.QUEUED
            jobs.run_due(now)
            now += delay
    assert Message.objects.get().state == State.FAILED
    assert [each.state for each in notices.undelivered()] == [State.FAILED]
    assert acts() == ["notices.failed", "notices.queued"]
    assert "19900000000" not in caplog.text
    assert "B2026-000001" not in caplog.text


def test_a_landline_is_listed_for_somebody_to_telephone_and_stops_nothing(carrier):
    send("0538-2820000")
    jobs.run_due(AT)
    assert carrier.taken == []
    (undelivered,) = notices.undelivered()
    assert (undelivered.state, undelivered.text) == (State.UNREACHABLE, "")


def test_a_message_of_an_operation_that_failed_is_never_sent(carrier, transactional_db):
    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        send()
        raise Broken
    jobs.run_due(AT)
    assert carrier.taken == []


def test_messages_go_after_a_month():
    send()
    sweep(at=AT + timedelta(days=29))
    assert Message.objects.count() == 1
    sweep(at=AT + timedelta(days=31))
    assert Message.objects.count() == 0


def test_a_message_to_nobody_is_a_fault():
    with pytest.raises(ValueError, match="phone"):
        send(" ")
