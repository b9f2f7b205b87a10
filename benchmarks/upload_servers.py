"""The servers of the upload benchmark: ours, Django's multipart form, a bare socket. Each answers when the bytes are
hashed and on the disk. Run as processes by `benchmarks.upload`.
"""

import hashlib
import os
import socket
import sys
import tempfile
from typing import Any

PIECE = 2**20


# --- a bare socket that hashes and writes: what Python can do at all -------------------------------------------


def bare(port: int, folder: str) -> None:
    with socket.create_server(("127.0.0.1", port)) as door:
        while True:
            end, _ = door.accept()
            with end:
                _take(end, os.path.join(folder, "bare"))


def _take(end: socket.socket, place: str) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        if not (more := end.recv(65536)):
            return  # somebody only looked whether the door is open
        head += more
    head, _, body = head.partition(b"\r\n\r\n")
    length = int(
        next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1]
    )
    digest, buffer = hashlib.sha256(), memoryview(bytearray(PIECE))
    target = os.open(place, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    piece: Any = memoryview(body)
    while True:
        digest.update(piece)
        length -= len(piece)
        while piece:
            piece = piece[os.write(target, piece) :]
        if not length:
            break
        piece = buffer[: end.recv_into(buffer, min(PIECE, length))]
    os.fsync(target)
    os.close(target)
    end.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: 64\r\nConnection: close\r\n\r\n{digest.hexdigest()}".encode())


# --- Django's multipart form, as it comes --------------------------------------------------------------------


def multipart() -> Any:
    """A WSGI application of nothing but Django and one view."""
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    def take(request: HttpRequest) -> HttpResponse:
        file: Any = request.FILES["file"]
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        os.fsync(file.fileno())
        return HttpResponse(digest.hexdigest())

    settings.configure(
        SECRET_KEY="benchmark", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[],
        FILE_UPLOAD_TEMP_DIR=os.environ.get("BENCH_FOLDER", tempfile.gettempdir()),
    )  # fmt: skip
    django.setup()
    globals()["urlpatterns"] = [path("", take)]
    return WSGIHandler()


# --- ours ----------------------------------------------------------------------------------------------------


def ours() -> Any:
    """Our WSGI application, taking files for a use of the benchmark's own."""
    from qingkong.project.wsgi import application
    from qingkong.web.uploads import uses

    uses.register("benchmark", lambda actor, reference, at: None)
    return application


def prepare() -> None:
    """Open an account in a fresh instance and print a session's cookie."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingkong.project.settings")
    django.setup()
    from django.db import transaction
    from django.test import Client
    from django.utils import timezone

    from qingkong.kernel import access
    from qingkong.kernel.access.accounts import appoint, make_account
    from qingkong.kernel.identity.models import Unit
    from qingkong.kernel.identity.posts import Post

    actor, at = access.system("benchmark"), timezone.now()
    with transaction.atomic():
        officer = make_account(username="B001", name="示例", actor=actor, at=at)
        post = appoint(officer=officer, unit=Unit.objects.get(code="104"), post=Post.OFFICER, actor=actor, at=at)
    browser = Client()
    browser.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    session = browser.session
    session["appointment"] = str(post.pk)
    session.save()
    print(browser.cookies["sessionid"].value)


if os.environ.get("BENCH_SERVER") == "multipart":
    application = multipart()
elif os.environ.get("BENCH_SERVER") == "ours":
    application = ours()
elif __name__ == "__main__" and sys.argv[1] == "bare":
    bare(int(sys.argv[2]), sys.argv[3])
elif __name__ == "__main__":
    prepare()
