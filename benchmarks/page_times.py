"""Time each desk page in this process, on the instance QINGKONG_HOME names; prints {address: p95 ms}."""

import json
import os
import time

ROUNDS = 60
PAGES = {
    "dispatcher": ["/desk/", "/desk/calls/", "/desk/find/?q=前河涯"],
    "officer": ["/desk/", "/desk/calls/", "/desk/cases/", "/desk/reports/", "/desk/evidence/"],
    "bureau_leader": ["/desk/", "/desk/cases/"],
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingkong.project.settings")
    import django

    django.setup()
    from django.test import Client
    from django.utils import timezone

    from qingkong.kernel.identity.posts import Post
    from qingkong.kernel.identity.queries import holders

    found: dict[str, float] = {}
    for post, addresses in PAGES.items():
        appointment = holders(Post(post), on=timezone.localdate()).first()
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(appointment.officer, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["appointment"] = str(appointment.pk)
        session.save()
        for address in addresses:
            if client.get(address).status_code != 200:
                continue
            times = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                client.get(address)
                times.append(1000 * (time.perf_counter() - began))
            times.sort()
            found[f"{post} {address}"] = times[int(0.95 * ROUNDS)]
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
