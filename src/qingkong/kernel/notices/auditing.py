"""Whether every message that waits to be sent has the job that sends it."""

from collections.abc import Iterator

from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from qingkong.kernel.notices.models import Message
from qingkong.kernel.notices.states import State
from qingkong.kernel.text import Sentence, zh

FORGOTTEN = zh("给 {subject} 的消息 {message} 在等待发送，却没有任务会发它。")


def disagreements() -> Iterator[Sentence]:
    unfinished = DBTaskResult.objects.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING])
    awaited = {
        row.args_kwargs["kwargs"]["args"].get("message")
        for row in unfinished
        if row.args_kwargs.get("kwargs", {}).get("name") == "notices.deliver"
    }
    for pk, about in Message.objects.filter(state=State.QUEUED).values_list("pk", "about"):
        if str(pk) not in awaited:
            yield FORGOTTEN.fill(subject=about, message=pk)
