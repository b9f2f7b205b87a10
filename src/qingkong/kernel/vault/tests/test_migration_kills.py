"""A migration that is killed goes on where it was, and proves as much."""

import json
import os
import random
import subprocess
import sys
import time

import pytest

from qingkong.conftest import AT
from qingkong.kernel import access, vault
from qingkong.kernel.vault import place
from qingkong.kernel.vault.migrating import migrate
from qingkong.kernel.vault.switching import switch
from qingkong.killing import deadly, is_killed


def _migrate(url):
    return migrate(url, actor=access.system("tests"), at=AT)


@pytest.mark.django_db(transaction=True)
def test_a_migration_killed_at_any_file_goes_on_and_proves_all(originals, elsewhere):
    """Every time before the fourth rename; what is at the target afterwards is whole, and isn't copied again."""
    target, kills = place.backend(elsewhere), 0
    while is_killed(lambda: _killed_at(3, elsewhere)):
        for name, size in target.files():
            assert target.is_sound(name, size)
        assert place.current() == ""
        kills += 1
    assert kills > 3
    outcome = _migrate(elsewhere)
    assert (outcome.complete, outcome.copied) == (True, 0)
    assert {name for name, _ in target.files()} == set(originals)
    switch(outcome.manifest, actor=access.system("tests"), at=AT)
    assert vault.scrub() == []


def _killed_at(step, url):
    rename, die = os.rename, deadly(step)
    os.rename = lambda *names: (die(), rename(*names))[1]
    _migrate(url)


@pytest.mark.deep
@pytest.mark.django_db
def test_a_migration_to_a_store_whose_process_is_killed_goes_on_where_it_was(address, tmp_path):
    """The commands themselves, on an instance of their own."""
    env = {
        **os.environ,
        "QINGKONG_HOME": str(tmp_path / "instance"),
        "DJANGO_SETTINGS_MODULE": "qingkong.project.settings",
    }

    def command(*words):
        return [sys.executable, "-m", "qingkong.project.cli", *words]

    def said(*words):
        return json.loads(subprocess.run(command(*words), env=env, check=True, capture_output=True).stdout)

    subprocess.run(command("make"), env=env, check=True, capture_output=True)
    files = [tmp_path / f"film {n}" for n in range(30)]
    for n, file in enumerate(files):
        file.write_bytes(random.Random(n).randbytes(2_000_000 + n))
    assert len(said("vault", "receive", "--json", *map(str, files))) == 30
    proved = 0
    for more in (3, 9, 9):
        child = subprocess.Popen(command("vault", "migrate", address), env=env, stderr=subprocess.DEVNULL)
        journal = tmp_path / "instance" / "vault"
        until = time.monotonic() + 120
        while (now := sum(len(j.read_bytes().splitlines()) for j in journal.glob("migration-*"))) < proved + more:
            assert child.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        child.kill()
        child.wait()
        proved = now
    done = said("vault", "migrate", address, "--json")
    assert (done["arrived"], done["complete"]) == (30, True)
    assert done["copied"] <= 30 - proved
    assert said("vault", "switch", done["manifest"], "--json")["contents"] == 30
    assert said("vault", "scrub", "--json")["ok"]
    assert len(list((tmp_path / "instance" / "vault" / "blobs").glob("??/*"))) == 30
