"""The whole suite, as `make adversary` runs it."""

import json
import subprocess
import sys

import pytest

from tests.adversary import servers

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_no_attack_stays_unseen_once_a_cosigner_has_seen_the_state(database):
    if database == "postgres" and servers.postgres_programs() is None:
        pytest.skip("no PostgreSQL here: sudo apt-get install postgresql")
    done = subprocess.run(
        [sys.executable, "-m", "tests.adversary", "--on", database, "--json"], stdout=subprocess.PIPE, text=True
    )
    found = json.loads(done.stdout)[database]
    assert [one for one in found["after"] if not one["seen"]] == []
    assert len(found["after"]) > 1000
    assert {one["family"] for one in found["after"]} >= {"rows of the registers", "history, with the server's key"}
    assert [one for one in found["before"] if not one["seen"]] != []  # else a cosigner would be for nothing
    assert done.returncode == 0
