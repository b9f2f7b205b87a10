"""Every page of a filled county in a real browser, with a listener: no breach, no error, no failure, nobody else asked."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.load.serving import environment, served

pytest.importorskip("playwright.sync_api")
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NOT_SHOWN = 45
"""Pages that a GET doesn't show as HTML in the demo county: presses, papers, files, and things it doesn't hold."""


@pytest.mark.deep
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: apt-get install chromium")
def test_no_page_breaches_its_policy_asks_elsewhere_or_fails_in_a_browser(tmp_path):
    with served(tmp_path, None) as (port, home):
        run = {"cwd": ROOT, "capture_output": True, "text": True, "check": True}
        plan = subprocess.run([sys.executable, "-m", "tests.security.plan"], env=environment(home), **run).stdout
        done = subprocess.run(
            [sys.executable, "-m", "tests.security.walk", f"http://127.0.0.1:{port}", CHROMIUM], input=plan, **run
        )
    found, planned = json.loads(done.stdout), json.loads(plan)
    assert not found["wrong"], "\n".join(found["wrong"])
    assert found["visited"] > 80 and len(planned["unseen"]) <= NOT_SHOWN, planned["unseen"]
    heard = " ".join(found["planted"])  # the listener hears a breach, else all of this says nothing
    assert "policy: script-src" in heard and "policy: connect-src" in heard, heard
