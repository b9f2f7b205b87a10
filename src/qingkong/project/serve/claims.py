"""What one running instance holds alone: its ports and its folder."""

import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import IO

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh

PORT_TAKEN = zh("端口 {port} 已被别的程序占用，晴空没有启动。")
OTHER_PORT = zh("先停掉占用的程序，或换一个端口：--port {other}。")
NO_SUCH_HOST = zh("不能在地址 {host} 上监听。")
HOST_HOW = zh("请用本机的地址，例如 127.0.0.1。")
RUNNING = zh("这个实例已经在运行（进程 {pid}），没有再启动一份。")
RUNNING_HOW = zh("一个实例只能有一份服务进程；先停掉它，或用 QINGKONG_HOME 指明另一个实例。")

NO_RIGHT = zh("没有权限使用端口 {port}，晴空没有启动。")


class CannotServe(Refusal):
    """Something else holds what the instance needs."""


def require_free(host: str, *ports: int) -> None:
    """Raises CannotServe where another program listens on one of the ports."""
    for port in ports:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except (socket.gaierror, OverflowError):
            raise CannotServe(NO_SUCH_HOST.fill(host=host), how=HOST_HOW) from None
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as fault:
                if fault.errno == errno.EADDRINUSE:
                    raise CannotServe(PORT_TAKEN.fill(port=port), how=OTHER_PORT.fill(other=_another(port))) from None
                if fault.errno == errno.EACCES:
                    raise CannotServe(NO_RIGHT.fill(port=port), how=OTHER_PORT.fill(other=_another(port))) from None
                raise CannotServe(NO_SUCH_HOST.fill(host=host), how=HOST_HOW) from None


def hold_instance(home: Path) -> IO[str]:
    """Hold the instance's folder until the returned file is closed. Raises CannotServe where another holds it."""
    lock = (home / "running.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        pid = lock.read().strip()
        lock.close()
        raise CannotServe(RUNNING.fill(pid=pid or "?"), how=RUNNING_HOW) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _another(port: int) -> int:
    return port + 10 if 1024 <= port < 65000 else 8010
