"""A server process of its own, asked line by line: JSON `[method, where, fields, headers]` in, `[status, text]` out."""

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "qingkong.project.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

settings.ALLOWED_HOSTS = ["testserver"]
for line in sys.stdin:
    method, where, fields, headers = json.loads(line)
    answer = getattr(Client(raise_request_exception=False, headers=headers), method)(where, fields)
    print(json.dumps([answer.status_code, answer.content.decode(errors="replace")[:4000]]), flush=True)
