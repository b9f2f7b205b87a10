"""SIGKILL at every step of registering, deriving and linking: nothing lost, nothing doubled, nothing half-written."""

import os

import pytest

from qingkong.domains.enforcement.evidence import operations
from qingkong.domains.enforcement.evidence.models import Derivative, EvidenceItem
from qingkong.domains.enforcement.evidence.tests.building import a_jpeg, register
from qingkong.kernel import vault
from qingkong.kernel.ledger.models import Entry
from qingkong.killing import deadly, is_killed, watch

LONGEST = 160  # more steps than any of these has
FILE_STEPS = ("fsync", "fchmod", "rename", "write")


def killed_at(point: int, work) -> bool:
    """Do `work` in a child killed at its `point`-th statement, commit or file step; False if it lived to the end."""

    def watched() -> None:
        step = deadly(point)
        watch(step)
        for name in FILE_STEPS:
            setattr(os, name, _stepping(getattr(os, name), step))
        work()

    return is_killed(watched)


def _stepping(call, step):
    def stepped(*args, **kwargs):
        step()
        result = call(*args, **kwargs)
        step()
        return result

    return stepped


def whole() -> None:
    """Every item has its sound original and its one entry, and numbers have no gap."""
    items = list(EvidenceItem.objects.order_by("number"))
    assert [item.number for item in items] == [f"D2026-{n:06d}" for n in range(1, len(items) + 1)]
    assert all(vault.store().is_sound(item.original_id, item.size) for item in items)
    entered = Entry.objects.filter(act="evidence.registered").values_list("subject", flat=True)
    assert sorted(entered) == sorted(item.subject_key for item in items)
    kinds = {problem.kind for problem in vault.scrub()}
    assert kinds <= {vault.ProblemKind.UNKNOWN}  # a blob that came in, and its row didn't: adopted when it comes again


def test_a_process_killed_at_any_step_of_registering_leaves_it_whole_or_not_there(transactional_db, county, call):
    for point in range(LONGEST):
        content = a_jpeg(size=(40 + point, 30))
        killed = killed_at(point, lambda content=content: register(county, call, content))
        whole()
        item = register(county, call, content)  # whoever was cut off sends it again
        whole()
        assert EvidenceItem.objects.filter(original_id=item.original_id).count() == 1
        if not killed:
            break
    else:
        raise AssertionError("registering has more steps than were tried")
    assert vault.scrub() == []


@pytest.mark.deep
def test_a_process_killed_while_making_copies_leaves_all_of_them_or_none(transactional_db, county, call):
    for point in range(LONGEST):
        item = register(county, call, a_jpeg(size=(40 + point, 30)))

        def draw(item=item):
            operations.make_derivatives(item=item, actor=county.system, at=county.at)

        killed = killed_at(point, draw)
        assert Derivative.objects.filter(item=item).count() in (0, 2)
        draw()  # the job runs again
        made = Derivative.objects.filter(item=item)
        assert sorted(d.kind for d in made) == ["thumbnail", "view"]
        assert Entry.objects.filter(act="evidence.derived", subject=item.subject_key).count() == 2
        if not killed:
            break
    else:
        raise AssertionError("deriving has more steps than were tried")
    assert list((vault.store().root / "spool").glob("[!.]*")) == []
    assert list((vault.store().root / "making").iterdir()) == []


def test_a_process_killed_while_linking_leaves_the_item_where_it_was_or_in_the_case(
    transactional_db, county, call, case
):
    for point in range(LONGEST):
        item = register(county, call, a_jpeg(size=(40 + point, 30)))

        def link(item=item):
            operations.link_evidence(item=item, case=case, actor=county.officer, at=county.at)

        killed = killed_at(point, link)
        linked = EvidenceItem.objects.get(pk=item.pk).case_id is not None
        entries = Entry.objects.filter(act="evidence.linked", subject=item.subject_key)
        assert entries.count() == (2 if linked else 0)
        link()
        assert entries.count() == 2
        if not killed:
            break
    else:
        raise AssertionError("linking has more steps than were tried")
