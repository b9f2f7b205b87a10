"""A watcher on a machine of its own: what it proves, what it refuses, what it keeps."""

import shutil
from http.server import SimpleHTTPRequestHandler

import pytest

from qingkong_verify import VerificationError, verify_checkpoint
from qingkong_verify.fetching import Log, Unreachable, log_at
from qingkong_verify.memory import opened
from qingkong_verify.tests.building import Published, _Quiet, served
from qingkong_verify.watching import Forked, visit

WHO = "procuratorate/370923"


@pytest.fixture
def log(tmp_path):
    return Published(tmp_path / "www")


@pytest.fixture
def look(log, tmp_path):
    """Look at the log once from the watcher's folder."""
    with served(log.folder.parent) as address:

        def once(seconds: int = 1_800_000_000, *, key: str | None = None, entries: bool = False):
            with opened(tmp_path / "mine") as memory:
                where = log_at(address, timeout=5, pause=0)
                return visit(memory, where, memory.cosigner(WHO), key or log.vkey, seconds=seconds, entries=entries)

        yield once


def mine(tmp_path, pattern: str):
    return sorted((tmp_path / "mine").glob(pattern))


@pytest.mark.parametrize("sizes", [(1, 2), (5, 300), (255, 256), (256, 257), (300, 512), (512, 513), (65_536, 65_800)])
def test_a_log_that_only_grew_is_cosigned_each_time(log, look, tmp_path, sizes):
    log.grow(sizes[0])
    first = look()
    assert (first.before, first.size) == (0, sizes[0])
    log.grow(sizes[1] - sizes[0])
    second = look(1_800_000_060)
    assert (second.before, second.size, second.new) == (sizes[0], sizes[1], True)
    note = (tmp_path / "mine" / "cosigned").read_text()
    public = (tmp_path / "mine" / "cosigner.pub").read_text().strip()
    (cosigned,) = verify_checkpoint(note, [log.vkey, public]).cosigned
    assert (cosigned.name, cosigned.seconds) == (WHO, 1_800_000_060)


def test_nothing_new_is_neither_signed_again_nor_fetched_again(log, look):
    log.grow(300)
    first = look()
    _Quiet.asked = []
    again = look(1_900_000_000)
    assert (again.new, again.line) == (False, first.line)
    assert _Quiet.asked == ["/ledger/checkpoint"]


def test_a_visit_costs_the_new_tiles_and_no_more(log, look):
    log.grow(3_000)
    look()
    log.grow(200)
    _Quiet.asked = []
    look()
    assert len(_Quiet.asked) == 1 + 2


def another_past(log):
    log.entries[3] = b"another"
    log.publish()


def another_past_and_longer(log):
    log.entries[3] = b"another"
    log.grow(400)


def another_recent_past(log):
    log.entries[-1] = b"another"
    log.grow(7)


def fewer(log):
    log.entries = log.entries[:200]
    log.publish()


def fewer_and_other(log):
    log.entries = [b"other"] * 100
    log.publish()


def inserted(log):
    log.entries.insert(40, b"inserted")
    log.publish()


def unsigned(log):
    path = log.folder / "checkpoint"
    path.write_text(path.read_text().replace("\n300\n", "\n301\n"))


def signed_by_another_key(log):
    log.seed = b"\2" * 32
    log.grow(5)


CHEATS = [another_past, another_past_and_longer, another_recent_past, fewer, fewer_and_other, inserted, unsigned, signed_by_another_key]  # fmt: skip


@pytest.mark.parametrize("cheat", CHEATS, ids=lambda cheat: cheat.__name__)
def test_another_history_is_raised_with_both_checkpoints_and_never_cosigned(log, look, tmp_path, cheat):
    log.grow(300)
    key = log.vkey
    look()
    seen = (tmp_path / "mine" / "checkpoint").read_text()
    cosigned = (tmp_path / "mine" / "cosigned").read_text()
    cheat(log)
    shown = (log.folder / "checkpoint").read_text()
    with pytest.raises(Forked) as fork:
        look(key=key)
    assert "拒绝联署" in fork.value.zh and "NOT cosigned" in fork.value.en
    assert [path.read_text() for path in mine(tmp_path, "fork-*.seen")] == [seen]
    assert [path.read_text() for path in mine(tmp_path, "fork-*.shown")] == [shown]
    assert (tmp_path / "mine" / "checkpoint").read_text() == seen
    assert (tmp_path / "mine" / "cosigned").read_text() == cosigned
    assert "证据" in (tmp_path / "mine" / "FORK").read_text()


def test_after_a_fork_nothing_is_cosigned_until_a_person_removes_the_mark(log, look, tmp_path):
    log.grow(300)
    look()
    honest, log.entries[3] = list(log.entries), b"another"
    log.publish()
    with pytest.raises(Forked):
        look()
    log.entries = honest
    log.grow(9)
    with pytest.raises(Forked) as refused:
        look()
    assert "FORK" in refused.value.zh
    (tmp_path / "mine" / "FORK").unlink()
    assert look().size == 309


def test_a_tile_that_doesnt_lead_to_the_signed_root_is_a_fork_too(log, look):
    log.grow(300)
    look()
    log.grow(10)
    path = log.folder / "tile/0/001.p/54"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(Forked):
        look()


def test_an_entry_that_isnt_what_its_hash_says_is_found_when_entries_are_read(log, look):
    log.grow(300)
    look(entries=True)
    log.grow(10)
    path = log.folder / "tile/entries/001.p/54"
    path.write_bytes(path.read_bytes().replace(b"entry 305", b"entry 395"))
    assert Unreachable is not Forked
    with pytest.raises(Forked):
        look(entries=True)


def test_a_narrow_tile_that_has_been_outgrown_is_read_from_the_full_one(log, look):
    log.grow(300)
    note = (log.folder / "checkpoint").read_text()
    log.grow(300)
    (log.folder / "checkpoint").write_text(note)  # the reader holds the older checkpoint still
    shutil.rmtree(log.folder / "tile/0/001.p")
    assert look().size == 300


def test_what_was_seen_can_be_proved_later_without_the_log(log, look, tmp_path):
    from qingkong_verify.tiling import root_of_edge

    log.grow(300)
    look()
    log.grow(700)
    look()
    shutil.rmtree(log.folder)
    with opened(tmp_path / "mine") as memory:
        stated = verify_checkpoint(memory.last_note(), [log.vkey])
        assert root_of_edge(memory.edge(stated.size)) == stated.root
    assert mine(tmp_path, "tile/0/001") and mine(tmp_path, "tile/0/002") and not mine(tmp_path, "tile/0/001.p")


@pytest.mark.parametrize("missing", ["checkpoint", "tile/0/001.p/45"])
def test_what_cant_be_read_is_no_fork_and_changes_nothing(log, look, tmp_path, missing):
    log.grow(300)
    look()
    before = {path: path.read_bytes() for path in mine(tmp_path, "**/*") if path.is_file()}
    log.grow(1)
    (log.folder / missing).rename(log.folder / "gone")
    with pytest.raises(Unreachable):
        look()
    assert {path: path.read_bytes() for path in mine(tmp_path, "**/*") if path.is_file()} == before
    (log.folder / "gone").rename(log.folder / missing)
    assert look().size == 301


def test_a_page_of_a_network_that_wants_a_login_is_no_fork(log, look):
    log.grow(3)
    look()
    (log.folder / "checkpoint").write_text("<html>please sign in</html>")
    with pytest.raises(Unreachable):
        look()


def test_a_wrong_key_at_the_first_visit_is_refused_and_marks_nothing(log, look, tmp_path):
    log.grow(3)
    with pytest.raises(Forked):
        look(key=Published(tmp_path / "x", b"\3" * 32).vkey)
    assert not mine(tmp_path, "FORK") and not mine(tmp_path, "cosigned") and mine(tmp_path, "fork-*.shown")


class CutOff(SimpleHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500")
        self.end_headers()
        self.wfile.write(b"x" * 100)

    def log_message(self, *args: object) -> None:
        pass


class Endless(CutOff):
    """Never stops sending."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            pass


class Faulty(CutOff):
    def do_GET(self) -> None:
        self.send_error(503)


@pytest.mark.parametrize("handler", [CutOff, Endless, Faulty])
def test_a_bad_network_is_said_and_ends(tmp_path, handler):
    with served(tmp_path, handler) as address, pytest.raises(Unreachable) as told:
        log_at(address, timeout=5, pause=0).get("checkpoint", 100_000)
    assert "3 tries" in told.value.en


def test_nobody_there_is_said_and_ends():
    with pytest.raises(Unreachable):
        Log("http://127.0.0.1:9", timeout=2, pause=0).get("checkpoint", 100)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "portal.example", ""])
def test_only_http_and_https_are_addresses(url):
    with pytest.raises(VerificationError):
        log_at(url)


def test_a_portal_and_the_place_of_its_files_are_the_same_address():
    assert log_at("https://portal.example/").url == log_at("https://portal.example/ledger").url


def test_two_processes_never_use_one_folder(tmp_path):
    with opened(tmp_path / "mine"), pytest.raises(VerificationError), opened(tmp_path / "mine"):
        pass


def test_a_lost_tile_of_its_own_is_said_and_is_no_fork(log, look, tmp_path):
    log.grow(300)
    look()
    log.grow(5)
    (tmp_path / "mine/tile/0/001.p/44").unlink()
    with pytest.raises(VerificationError) as told:
        look()
    assert not isinstance(told.value, Forked) and not mine(tmp_path, "FORK")
