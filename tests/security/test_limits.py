"""Limits count together over all processes of an instance: tries to sign in, query codes, requests of programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import override_settings

from tests.security.asking import Asker

HERE = Path(__file__).parent
MAKE_PASSING = """
import os
from qingkong.project import instance
instance.make(demo=False)
os.environ["DJANGO_SETTINGS_MODULE"] = "qingkong.project.settings"
import django; django.setup()
from django.core.management import call_command
call_command("createcachetable", database="passing", verbosity=0)
"""
MAKE_WHOLE = """
import os
from qingkong.project import instance
instance.make(demo=False)
os.environ["DJANGO_SETTINGS_MODULE"] = "qingkong.project.settings"
import django; django.setup()
from django.utils import timezone
from qingkong.kernel import access
from qingkong.kernel.access.accounts import make_account
from qingkong.project import making
making.make_or_update(at=timezone.now(), say=lambda text: None)
make_account(username="T1", name="示例甲", password="a long passphrase", actor=access.system("tests"), at=timezone.now())
"""


def environment(home):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("QINGKONG_", "DJANGO_"))}
    return {**kept, "QINGKONG_HOME": str(home)}


def started(home, *arguments):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_count_at_once_let_pass_exactly_as_many_as_one_would(tmp_path):
    subprocess.run([sys.executable, "-c", MAKE_PASSING], env=environment(tmp_path / "var"), check=True)
    two = [started(tmp_path / "var", HERE / "counter.py", "a thing", 40, 30) for _ in range(2)]
    passed = [int(process.communicate("\n", timeout=120)[0]) for process in two]
    assert sum(passed) == 40 and [process.returncode for process in two] == [0] * 2


@pytest.mark.django_db(databases=["default", "passing"])
def test_a_program_that_asks_too_fast_is_told_so_and_another_officer_is_not(county):
    with override_settings(QINGKONG_API_A_MINUTE=5, QINGKONG_CLOCK=lambda: county.at):
        fast, other = Asker(county.officer).client, Asker(county.second_officer).client
        statuses = [fast.get("/api/v1/calls/").status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert other.get("/api/v1/calls/").status_code == 200
        said = fast.get("/api/v1/calls/").json()
        assert said["title"] and said["reason"] and said["how"]


@pytest.mark.deep
def test_two_servers_lock_a_number_out_and_stop_a_curious_address_together(tmp_path):
    home = tmp_path / "var"
    subprocess.run([sys.executable, "-c", MAKE_WHOLE], env=environment(home), check=True)
    two = [started(home, HERE / "visitor.py") for _ in range(2)]

    def ask(nth, method, where, fields, **headers):
        process = two[nth % 2]
        process.stdin.write(json.dumps([method, where, fields, headers]) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        wrong = [ask(n, "post", "/desk/sign-in/", {"username": "T1", "password": "wrong"})[0] for n in range(5)]
        assert wrong == [422] * 4 + [429]
        right = [
            ask(n, "post", "/desk/sign-in/", {"username": "T1", "password": "a long passphrase"})[0] for n in range(2)
        ]
        assert right == [429, 429]
        said = {"code": "7K3M-9QXA-AAAA-BBBB", "phone": "19900000001"}
        tried = [ask(n, "post", "/progress/", said)[0] for n in range(12)]
        assert tried == [303] * 10 + [429] * 2
    finally:
        for process in two:
            process.stdin.close()
            process.wait(timeout=30)
