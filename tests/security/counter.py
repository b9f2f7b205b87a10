"""A process of its own that counts: `python counter.py WHAT MOST TIMES` in QINGKONG_HOME; prints how often it passed."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "qingkong.project.settings"

import django

django.setup()

from qingkong.kernel.access import limits  # noqa: E402

what, most, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.stdin.readline()  # begin together
print(sum(not limits.over(what, most=most, seconds=600) for _ in range(times)))
