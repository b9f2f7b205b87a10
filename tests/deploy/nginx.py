"""Debian's nginx with the configuration of `deploy/`, on ports and in folders of the test's own."""

import datetime
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.uploads.serving import Remote, free_port

ROOT = Path(__file__).resolve().parents[2]
NGINX = shutil.which("nginx") or (shutil.which("/usr/sbin/nginx") if os.path.exists("/usr/sbin/nginx") else None)
SECRET = "a-secret-of-the-test-and-long-enough"


class Nginx:
    def __init__(self, home: Path, *, web: int, events: int, data: Path) -> None:
        self.home, self.port, self.plain_port = home, free_port(), free_port()
        self._certificate()
        (home / "secret.conf").write_text(f'set $qingkong_secret "{SECRET}";\n')
        (home / "logs").mkdir()
        (data / "vault" / "bodies").mkdir(parents=True, exist_ok=True)
        changes = {
            "/etc/ssl/qingkong": str(home), "/etc/nginx/qingkong-secret.conf": str(home / "secret.conf"),
            "/etc/nginx/qingkong-locations.conf": str(home / "locations.conf"), "/var/log/nginx": str(home / "logs"),
            "/var/lib/qingkong": str(data), "/opt/qingkong/": f"{ROOT}/", "127.0.0.1:8000": f"127.0.0.1:{web}",
            "127.0.0.1:8001": f"127.0.0.1:{events}", "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};", "    listen [::]:443 ssl http2;\n": "", "    listen [::]:80;\n": "",
        }  # fmt: skip
        for name in ("qingkong.conf", "locations.conf"):
            text = (ROOT / "deploy" / "nginx" / name).read_text()
            for before, after in changes.items():
                text = text.replace(before, after)
            (home / name).write_text(text)
        self.file = home / "nginx.conf"
        self.file.write_text(self._main())
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.home / "said").open("wb") as said:
            self.process = subprocess.Popen(
                [str(NGINX), "-p", str(self.home), "-e", str(self.home / "said"), "-c", str(self.file)],
                stdout=said, stderr=said, process_group=0,
            )  # fmt: skip
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, (self.home / "said").read_text()
                time.sleep(0.05)  # polling a process that starts

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def _main(self) -> str:
        temporary = "".join(
            f"  {kind}_temp_path {self.home}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;\n" if os.geteuid() == 0 else ""
        return (
            f"{user}daemon off;\nworker_processes 1;\npid {self.home}/pid;\nevents {{ worker_connections 256; }}\n"
            f"http {{\n  default_type application/octet-stream;\n  types {{ text/css css; text/javascript js; }}\n"
            f"{temporary}  include {self.home}/qingkong.conf;\n}}\n"
        )

    def _certificate(self) -> None:
        key, name = (
            ec.generate_private_key(ec.SECP256R1()),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
        )
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2)).sign(key, hashes.SHA256())
        )  # fmt: skip
        (self.home / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (self.home / "server.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


class Outside(Remote):
    """Somebody at the other side of nginx."""

    prefix = "__Host-"

    def connect(self) -> socket.socket:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(super().connect())

    def head_of(self, method, where, headers):  # type: ignore[no-untyped-def]
        headers = {"Host": "qingkong.example", "Referer": "https://qingkong.example/", **headers}
        return super().head_of(method, where, headers).replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n", 1)
