"""Runs the real supervisor over three small children, for tests: `python small.py HOME PORT [broken]`."""

import http.server
import signal
import subprocess
import sys
import threading
from pathlib import Path


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def serve(port: int) -> None:
    """A web server with a process of its own below it, which it takes along when asked to stop, as granian does."""
    below = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])

    def stop(*_: object) -> None:
        below.kill()
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()


def stubborn() -> None:
    """A child that ignores the wish to stop."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Event().wait()


def supervise(home: Path, port: int, kind: str) -> int:
    from django.conf import settings

    settings.configure(QINGKONG_HOME=home)
    from qingkong.project import supervisor
    from qingkong.project.serve.children import Child

    def small(name: str, *arguments: str) -> Child:
        return Child(name, [sys.executable, __file__, *arguments], {})

    web = small("网页", "broken" if kind == "broken" else "serve", str(port))
    supervisor._children = lambda *_: [web, small("另一个", "stubborn" if kind == "stubborn" else "idle")]  # type: ignore[assignment]
    supervisor.PATIENCE = 0.5
    return supervisor.run(port=port)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", port]:
            serve(int(port))
        case ["broken", *_]:
            sys.exit(3)
        case ["idle"]:
            signal.pause()
        case ["stubborn"]:
            stubborn()
        case [home, port, *kind]:
            from qingkong.kernel.refusals import Refusal

            try:
                sys.exit(supervise(Path(home), int(port), "".join(kind)))
            except Refusal as refusal:
                print(refusal, file=sys.stderr)
                sys.exit(1)
