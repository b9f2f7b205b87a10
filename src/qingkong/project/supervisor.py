"""One small process that keeps an instance's three others alive: the web server, the events process, a job worker.

It starts a child that died again, after a wait that grows to half a minute. It ends its children by their own
process ids; on Linux the kernel ends them where the supervisor itself was killed, so none is left behind.
"""

import http.client
import os
import select
import signal
import sys
import time
from collections.abc import Callable

from django.conf import settings

from qingkong.kernel.text import Sentence, zh
from qingkong.project.serve.children import Child, stop_all
from qingkong.project.serve.claims import hold_instance, require_free

READY_WITHIN = 60.0  # seconds
DEATHS_BEFORE_READY = 3
PATIENCE = 4.0  # seconds a child may take to stop
THREADS = 8
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

STARTING = zh("正在启动晴空…")
READY = zh("晴空已就绪：{address}（按 Ctrl+C 停止）")
NOT_READY = zh("晴空没有在 {seconds} 秒内就绪，已停止。上面的信息说明原因。")
DIED = zh("{name}意外退出（{status}），{wait} 秒后重新启动。")
WONT_START = zh("{name}启动不了，已停止。上面的信息说明原因。")
STOPPING = zh("正在停止…")
WEB, EVENTS, JOBS, REPLICA = zh("网页服务"), zh("实时消息服务"), zh("后台任务"), zh("连续副本")


def run(
    host: str = "127.0.0.1", port: int = 8000, *, events_port: int | None = None, threads: int = THREADS,
    ready: Callable[[str], None] | None = None,
) -> int:  # fmt: skip
    """Serve the instance until SIGTERM, SIGINT or SIGHUP; the exit status.

    `events_port` is the next one unless given. `ready(address)` is called once, when pages are answered.
    Raises CannotServe where a port or the instance is held by another process.
    """
    events_port = events_port or port + 1
    with hold_instance(settings.QINGKONG_HOME):
        require_free(host, port, events_port)
        children = _children(host, port, events_port, threads)
        say(STARTING)
        with _Signals() as signals:
            try:
                return _keep(children, signals, host=host, port=port, ready=ready)
            finally:
                stop_all(children, patience=PATIENCE)


def say(sentence: Sentence) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _keep(
    children: list[Child], signals: "_Signals", *, host: str, port: int, ready: Callable[[str], None] | None
) -> int:
    begun, answered = time.monotonic(), False
    while not signals.told_to_stop:
        now = time.monotonic()
        for child in children:
            if (status := child.look(now)) is not None:
                if not answered and child.deaths >= DEATHS_BEFORE_READY:
                    say(WONT_START.fill(name=child.name))
                    return 1
                say(DIED.fill(name=child.name, status=_how(status), wait=f"{child.wait:g}"))
            if child.again_at is not None and child.again_at <= now:
                child.start(now)
        if not answered and _answers(host, port):
            answered = True
            for child in children:
                child.allow(now)
            address = f"http://{_shown(host)}:{port}"
            say(READY.fill(address=address))
            if ready is not None:
                ready(address)
        elif not answered and now - begun > READY_WITHIN:
            say(NOT_READY.fill(seconds=f"{READY_WITHIN:g}"))
            return 1
        signals.wait(0.1 if not answered else _until_next(children, now))
    say(STOPPING)
    return 0


def _children(host: str, port: int, events_port: int, threads: int) -> list[Child]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "qingkong.project.settings"),
        "QINGKONG_HOME": str(settings.QINGKONG_HOME),
        "QINGKONG_EVENTS_PORT": str(events_port),
    }
    granian = [sys.executable, "-m", "granian", "--host", host, "--workers", "1", "--log-level", "error"]
    granian += ["--workers-kill-timeout", "2s", "--respawn-failed-workers", "--http1-header-read-timeout", "15000"]
    web = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", str(threads)]
    events = ["--interface", "asgi", "--port", str(events_port)]
    return [
        Child(str(WEB), [*granian, *web, "qingkong.project.wsgi:application"], environment),
        Child(str(EVENTS), [*granian, *events, "qingkong.project.asgi_events:application"], environment),
        Child(str(JOBS), [sys.executable, "-m", "qingkong.project.cli", "jobs", "run"], environment, again_at=None),
        *_replica(environment),
    ]


def _replica(environment: dict[str, str]) -> list[Child]:
    """The continuous copy of the database, where it is configured; what hinders it is said, and the rest goes on."""
    from qingkong.project.backup import replica

    try:
        found = replica.child()
    except replica.CannotReplicate as refusal:
        say(refusal.reason)
        return []
    return [Child(str(REPLICA), found[0], {**environment, **found[1]}, again_at=None)] if found else []


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(_shown(host).strip("[]"), port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _shown(host: str) -> str:
    """The host as an address of this machine shows it."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104  compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _until_next(children: list[Child], now: float) -> float | None:
    """Seconds until a dead child is due again; None where all run and only a signal is waited for."""
    waits = [child.again_at - now for child in children if child.again_at is not None]
    return max(min(waits), 0.0) if waits else None


def _how(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else str(status)


class _Signals:
    """Signals as something to wait for: a child that ends and a wish to stop both wake the supervisor."""

    def __enter__(self) -> "_Signals":
        self.told_to_stop = False
        self._reads, self._writes = os.pipe()
        os.set_blocking(self._writes, False)
        self._before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        self._wakes_before = signal.set_wakeup_fd(self._writes, warn_on_full_buffer=False)
        return self

    def __exit__(self, *exc: object) -> None:
        signal.set_wakeup_fd(self._wakes_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reads)
        os.close(self._writes)

    def wait(self, seconds: float | None) -> None:
        """Until a signal comes, at most so long."""
        if select.select([self._reads], [], [], seconds)[0]:
            os.read(self._reads, 4096)

    def _stop(self, number: int, frame: object) -> None:
        self.told_to_stop = True
