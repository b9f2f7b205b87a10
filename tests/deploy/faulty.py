"""The served county with two pages that break, each with somebody's data in what went wrong."""

from tests.uploads.served import *  # noqa: F403

ROOT_URLCONF = "tests.deploy.faulty_urls"
ALLOWED_HOSTS = ["127.0.0.1"]
