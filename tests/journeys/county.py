"""A demo county with officers and nothing else, served: `python county.py PORT EVENTS_PORT`, in QINGKONG_HOME."""

import os
import sys

from qingkong.project import instance


def serve(port: int, events_port: int) -> int:
    """Make the instance, open its accounts, serve it until SIGTERM; the exit status."""
    instance.make(demo=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "qingkong.project.settings"
    import django

    django.setup()
    from django.db import transaction
    from django.utils import timezone

    from qingkong.kernel import access, places
    from qingkong.project import making, supervisor
    from qingkong.project.demo import bureau

    at = timezone.now()
    making.make_or_update(at=at)
    with transaction.atomic():
        staff = bureau.staff(at=at)
        bureau.give_passwords(staff, at=at)
        places.invent_coordinates(seed=1, actor=access.system("demo"), at=at)
    return supervisor.run(port=port, events_port=events_port)


if __name__ == "__main__":
    sys.exit(serve(int(sys.argv[1]), int(sys.argv[2])))
