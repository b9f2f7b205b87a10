"""A log in a folder, as its server would publish it, and a web server for it: with the standard library alone."""

import threading
from base64 import b64encode
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from qingkong_verify.folder import bundle_path, tile_path
from qingkong_verify.merkle import leaf_hash
from qingkong_verify.notes import ED25519, key_id
from qingkong_verify.signing import public_of, sign
from qingkong_verify.tiling import Edge, extend, root_of_edge

NAME = "qingkong/test"


class Published:
    """A ledger whose keeper may also cheat: whatever `entries` holds is published and signed."""

    def __init__(self, folder: Path, seed: bytes = b"\1" * 32) -> None:
        self.folder = folder / "ledger"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.seed = seed
        self.entries: list[bytes] = []

    @property
    def vkey(self) -> str:
        public = public_of(self.seed)
        return f"{NAME}+{key_id(NAME, ED25519, public).hex()}+{b64encode(bytes([ED25519]) + public).decode()}"

    def grow(self, count: int, word: str = "entry") -> "Published":
        self.entries += [f"{word} {len(self.entries) + n}".encode() for n in range(count)]
        return self.publish()

    def publish(self) -> "Published":
        edge = Edge()
        tiles = {}
        for start in range(0, len(self.entries), 256):
            part = self.entries[start : start + 256]
            tiles.update(extend(edge, [leaf_hash(entry) for entry in part]))
            bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
            self._write(bundle_path(start // 256, len(part)), bundle)
        for place, hashes in tiles.items():
            self._write(tile_path(place.level, place.index, len(hashes)), b"".join(hashes))
        self._write("checkpoint", self.note(len(self.entries), root_of_edge(edge)).encode())
        return self

    def note(self, size: int, root: bytes) -> str:
        body = f"{NAME}\n{size}\n{b64encode(root).decode()}\n"
        hint = key_id(NAME, ED25519, public_of(self.seed))
        return f"{body}\n— {NAME} {b64encode(hint + sign(self.seed, body.encode())).decode()}\n"

    def _write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class _Quiet(SimpleHTTPRequestHandler):
    asked: list[str] = []

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def do_POST(self) -> None:  # a server that has never heard of this cosigner
        self.rfile.read(int(self.headers["Content-Length"]))
        body = '{"reason": "这把公钥没有登记为联署方，联署不收。"}'.encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler] = _Quiet):
    """The address of a web server on the loopback for `folder`; `asked` lists the paths of its requests."""
    _Quiet.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
