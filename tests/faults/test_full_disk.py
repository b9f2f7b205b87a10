"""A full disk: what doesn't fit is refused in a sentence, what stands stays readable, and work goes on with room again."""

import contextlib
import io
import os
import resource
import secrets
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections

from qingkong.conftest import AT
from qingkong.domains.enforcement.calls.models import Call
from qingkong.domains.enforcement.calls.tests.building import a_call
from qingkong.kernel import ledger, vault
from qingkong.kernel.vault import reading
from qingkong.killing import in_child

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "passing"]),
    pytest.mark.skipif(bool(os.environ.get("QINGKONG_DATABASE_URL")), reason="the file of SQLite is what fills here"),
]

TAKE = {"channel": "110", "kind": "dispute", "place": "沙河站镇", "place_text": "供销社门前", "what": "两人争执"}
MIB = 2**20


def take_until_full() -> int:
    """How many calls were taken before the database said no."""
    for taken in range(2000):
        try:
            a_call(take_until_full.county)
        except OperationalError as full:
            assert "full" in str(full) or "disk I/O" in str(full)
            return taken
    raise AssertionError("it never was full")


@contextlib.contextmanager
def no_more_pages():
    """SQLite itself refuses to grow the file: works everywhere."""
    with connection.cursor() as cursor:
        now = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {now}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 4294967294")


def test_a_full_database_refuses_a_form_in_a_sentence_and_takes_it_when_there_is_room(county, signed_in, sound):
    browser = signed_in(county.dispatcher)
    with no_more_pages():
        answers = [browser.post("/desk/calls/take/", TAKE) for _ in range(60)]
        refused = [answer for answer in answers if answer.status_code == 503]
        assert refused, [answer.status_code for answer in answers]
        page = refused[0].content.decode()
        assert "磁盘满了" in page and "没有留下半截的记录" in page and refused[0].headers["Retry-After"]
        assert browser.get("/desk/calls/").status_code == 200  # what stands can be read
        taken = Call.objects.count()
        assert taken == sum(answer.status_code == 303 for answer in answers)
    sound()
    assert browser.post("/desk/calls/take/", TAKE).status_code == 303
    assert Call.objects.count() == taken + 1
    ledger.integrate()
    sound()


@pytest.fixture
def small(tmp_path):
    """A filesystem of 64 MiB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("mounting a small filesystem needs root's right to mount; tests of limits run instead")
    yield place
    connections.close_all()
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill_up(place: Path, *, leave: int) -> Path:
    """Take all room of a filesystem but so many bytes."""
    filler = place / "filler"
    with filler.open("wb") as out:
        left = shutil.disk_usage(place).free - leave
        while left > 0:
            left -= out.write(bytes(min(left, MIB)))
    return filler


def test_a_vault_without_room_takes_nothing_in_and_keeps_what_it_has(county, small, settings, sound):
    settings.QINGKONG_HOME = small
    kept = vault.receive(io.BytesIO(secrets.token_bytes(MIB)), name="先到.bin").sha256
    filler = fill_up(small, leave=2 * MIB)
    with pytest.raises(vault.CannotReceive) as refused:
        vault.receive(io.BytesIO(secrets.token_bytes(8 * MIB)), name="后到.bin")
    assert "空间不足" in str(refused.value)
    assert reading.path(kept).stat().st_size == MIB
    assert [file for file in (small / "vault" / "spool").iterdir() if file.name != ".lock"] == []
    sound()
    filler.unlink()
    assert vault.receive(io.BytesIO(secrets.token_bytes(8 * MIB)), name="后到.bin").stored
    sound()


def test_a_database_on_a_full_filesystem_loses_nothing(county, small, sound):
    take_until_full.county = county
    connection.ensure_connection()
    before = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    shutil.copy(before, small / "full.sqlite")
    connection.settings_dict["NAME"] = str(small / "full.sqlite")
    try:
        a_call(county)
        filler = fill_up(small, leave=MIB)
        taken = take_until_full()
        filler.unlink()
        assert Call.objects.count() == 1 + taken
        a_call(county)
        ledger.integrate()
        sound()
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before


def test_a_database_file_that_may_not_grow_loses_nothing(county, sound):
    """A limit of the operating system on the size of files: needs no right to mount."""
    take_until_full.county = county
    name = Path(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def write_on() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, 256 * 1024))  # the log beside the file reaches it soon
        take_until_full()

    assert in_child(write_on) == 0, "the child met something else than a full disk"
    assert name.exists()
    a_call(county, at=AT)
    ledger.integrate()
    sound()
