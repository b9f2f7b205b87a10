"""The ASGI application of the events process, served by granian on a port of its own."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingkong.project.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from qingkong.project.serve.streams import Streams  # noqa: E402

application = Streams(clock=import_string(settings.QINGKONG_CLOCK))
