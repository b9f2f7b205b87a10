"""How the system is: how far history is beyond anybody's reach, who looked last, what the jobs do. No content, no names.

Rooms hang their own cards here (`desk.hang_status`): backup, measurements.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.http import HttpResponse

from qingkong.kernel import ledger
from qingkong.kernel.jobs.health import health
from qingkong.kernel.ledger import looking
from qingkong.kernel.ledger.exposing import Exposure
from qingkong.kernel.ledger.models import Cosignature
from qingkong.kernel.text import Sentence, zh
from qingkong.web import desk
from qingkong.web.desk import DeskRequest, StatusLine

LONG_OPEN = timedelta(days=1)
LONG_UNVERIFIED = timedelta(days=7)

WINDOW = zh("外部还没有见过的存证")
COUNT = zh("{count} 条")
ALL_SEEN = zh("没有：最新的存证都已联署")
OLDEST = zh("最早的一条已等 {age}。联署以前，拿着服务器密钥的人改写这一段，外面看不出来。")
SIGNED = zh("签名的校验点")
UP_TO = zh("前 {size} 条")
BEHIND = zh("还有 {count} 条没有签名；几秒内应当签好，否则看后台任务。")
COSIGNED = zh("最近一次联署")
NEVER = zh("还没有")
NO_COSIGNER = zh("没有外部单位联署，历史只由本机担保。请检察院、督察或社会监督员联署。")
PENDING = zh("待存证")
VERIFIED = zh("最近一次核验")
SOUND = zh("完好")
WITH_ROWS = zh("{entries} 条存证和 {rows} 行数据，逐列相符。")
WITHOUT_ROWS = zh("{entries} 条存证；没有核对数据行。")
BROKEN = zh("有问题：{count} 处")
HOW_BROKEN = zh("在服务器上运行 qingkong ledger verify --rows，逐处查明；先不要改动任何东西。")
HOW_VERIFY = zh("在服务器上运行 qingkong ledger verify --rows --enter。")
TRIGGERS = zh("数据库里的防改触发器")
COMPLETE = zh("齐全")
GONE = zh("{count} 处不在或被改动")
HOW_TRIGGERS = zh("有人动过数据库。运行 qingkong check 看是哪些，并查明是谁。")

WORKERS = zh("后台任务进程")
RUNNING = zh("{count} 个在运行")
NOBODY = zh("没有在运行")
HOW_WORKERS = zh("期限提醒、短信和签名都停着。重新启动 qingkong run。")
QUEUE = zh("排队的任务")
SINCE = zh("最早的一个已等 {age}。")
FAILED = zh("失败、不再重试的任务")
HOW_FAILED = zh("运行 qingkong jobs list 看原因，改好后重新排队。")
TIMETABLE = zh("定时任务")
ON_TIME = zh("都按时")
NOT_ON_TIME = zh("{count} 个没有按时或没有做成")
NONE = zh("没有")


@desk.page("status/", needs="web.status", name="web.status")
def show_status(request: DeskRequest) -> HttpResponse:
    """Every card that hangs here, in the order of hanging."""
    cards = [(one.key, one.title, list(one.lines(request.at))) for one in desk.hung.status]
    return desk.render(request, "desk/status.html", title=zh("系统状态"), cards=cards)


def of_ledger(at: datetime) -> Iterator[StatusLine]:
    """The window, the last checkpoint, cosigners, the last verification, the triggers."""
    window = ledger.exposure(at)
    yield _window(window)
    missing = window.size - window.signed_size
    yield StatusLine(
        SIGNED, UP_TO.fill(size=window.signed_size), "warn" if missing else "ok",
        BEHIND.fill(count=missing) if missing else "",
    )  # fmt: skip
    yield _cosigned(window)
    yield StatusLine(PENDING, COUNT.fill(count=window.pending))
    yield _verified(at)
    gone = ledger.check_triggers()
    yield StatusLine(
        TRIGGERS,
        GONE.fill(count=len(gone)) if gone else COMPLETE,
        "bad" if gone else "ok",
        HOW_TRIGGERS if gone else "",
    )


def _window(window: Exposure) -> StatusLine:
    if not window.open:
        return StatusLine(WINDOW, ALL_SEEN)
    long_open = window.age > LONG_OPEN or not window.cosigned_size
    note = OLDEST.fill(age=in_words(window.age))
    return StatusLine(WINDOW, COUNT.fill(count=window.entries), "warn" if long_open else "ok", note, window.oldest_at)


def _cosigned(window: Exposure) -> StatusLine:
    if not window.cosigned_size:
        return StatusLine(COSIGNED, NEVER, "warn", NO_COSIGNER)
    names = Cosignature.objects.filter(checkpoint__size=window.cosigned_size).values_list("cosigner_id", flat=True)
    return StatusLine(
        COSIGNED, UP_TO.fill(size=window.cosigned_size), "ok", "、".join(sorted(names)), window.cosigned_at
    )


def _verified(at: datetime) -> StatusLine:
    last = looking.last_entered()
    if last is None or last.facts is None:
        return StatusLine(VERIFIED, NEVER, "warn", HOW_VERIFY, last.at if last else None)
    facts = last.facts
    if not facts["ok"]:
        return StatusLine(VERIFIED, BROKEN.fill(count=facts["problems"]), "bad", HOW_BROKEN, last.at)
    words = WITH_ROWS if facts["rows"] is not None else WITHOUT_ROWS
    if at - last.at > LONG_UNVERIFIED:
        return StatusLine(VERIFIED, SOUND, "warn", HOW_VERIFY, last.at)
    return StatusLine(VERIFIED, SOUND, "ok", words.fill(entries=facts["entries"], rows=facts["rows"]), last.at)


def of_jobs(at: datetime) -> Iterator[StatusLine]:
    """Who works, what waits, what failed."""
    found = health(at)
    if found.workers:
        yield StatusLine(WORKERS, RUNNING.fill(count=found.workers), "ok", "", found.seen_at)
    else:
        yield StatusLine(WORKERS, NOBODY, "bad", HOW_WORKERS, found.seen_at)
    waited = SINCE.fill(age=in_words(at - found.oldest_at)) if found.oldest_at else ""
    yield StatusLine(QUEUE, COUNT.fill(count=found.waiting), "ok", waited)
    yield StatusLine(
        FAILED, COUNT.fill(count=found.failed) if found.failed else NONE, "bad" if found.failed else "ok",
        HOW_FAILED if found.failed else "",
    )  # fmt: skip
    wrong = sorted({*found.late, *found.failing})
    yield StatusLine(
        TIMETABLE, NOT_ON_TIME.fill(count=len(wrong)) if wrong else ON_TIME, "warn" if wrong else "ok", "、".join(wrong)
    )


DAYS, HOURS, MINUTES, MOMENTS = zh("{n} 天"), zh("{n} 小时"), zh("{n} 分钟"), zh("不到一分钟")


def in_words(age: timedelta) -> Sentence:
    """How long something has waited, in its largest unit."""
    seconds = int(age.total_seconds())
    for size, words in ((86_400, DAYS), (3600, HOURS), (60, MINUTES)):
        if seconds >= size:
            return words.fill(n=seconds // size)
    return MOMENTS
