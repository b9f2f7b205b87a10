"""The public files follow the ledger in bounded steps, survive a crash, and never show another history."""

import os

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from qingkong.kernel import ledger
from qingkong.kernel.ledger import exporting, keys, publishing
from qingkong.kernel.ledger.cosigning import cosign
from qingkong.kernel.ledger.tests.building import AT, enter, fill
from qingkong.kernel.ledger.tests.test_cosigning import rewrite
from qingkong.killing import deadly, is_killed
from qingkong_verify.fetching import log_at
from qingkong_verify.memory import opened
from qingkong_verify.tests.building import served
from qingkong_verify.watching import visit


@pytest.fixture
def public(tmp_path):
    publishing._done.clear()
    return tmp_path / "www" / "ledger"


def publish(public, using, **kwargs) -> int:
    return publishing.publish(public, using=using, **kwargs)


def watch(public, folder, using, **kwargs):
    with served(public.parent) as address, opened(folder) as memory:
        log = log_at(address, timeout=5, pause=0)
        return visit(memory, log, memory.cosigner("a/b"), keys.vkey(using), seconds=1_800_000_000, **kwargs)


def files(public) -> dict[str, float]:
    return {
        str(p.relative_to(public)): p.stat().st_mtime_ns for p in public.rglob("*") if p.is_file() and p.name != ".lock"
    }


def test_a_watcher_follows_what_is_published(apart, public, tmp_path):
    fill(300)
    assert publish(public, apart) == 300
    assert watch(public, tmp_path / "mine", apart).size == 300
    fill(700)
    assert publish(public, apart) == 1000
    assert watch(public, tmp_path / "mine", apart).before == 300


def test_entries_are_published_only_where_the_instance_says_so(apart, public, tmp_path):
    fill(3)
    publish(public, apart)
    assert not (public / "tile/entries").exists()
    with_entries = tmp_path / "www2" / "ledger"
    publish(with_entries, apart, entries=True)
    assert watch(with_entries, tmp_path / "mine", apart, entries=True).size == 3


def test_nothing_to_do_costs_one_question(apart, public):
    fill(3)
    publish(public, apart)
    with CaptureQueriesContext(connections[apart]) as asked:
        assert publish(public, apart) == -1
    assert len(asked) == 1


@pytest.mark.parametrize("size", [300, 1300])
def test_what_a_step_writes_and_asks_doesnt_grow_with_the_ledger(apart, public, size):
    fill(size)
    publish(public, apart)
    before = files(public)
    enter(1)
    ledger.integrate(apart)
    with CaptureQueriesContext(connections[apart]) as asked:
        publish(public, apart)
    changed = {name for name, at in files(public).items() if before.get(name) != at}
    assert changed == {
        "checkpoint",
        "vkey",
        f"tile/0/{size // 256:03d}.p/{size % 256 + 1}",
        f"tile/1/000.p/{size // 256}",
    }
    assert len(asked) <= 10


def test_a_ledger_that_grew_long_unseen_is_published_in_steps_of_bounded_work(apart, public, monkeypatch):
    monkeypatch.setattr(publishing, "AT_ONCE", 256)
    for _ in range(5):
        fill(200)
    sizes = []
    while (size := publish(public, apart)) > 0:
        sizes.append(size)
    assert sizes == [200, 400, 600, 800, 1000]


def test_a_cosignature_is_published_with_its_checkpoint(apart, public, tmp_path):
    fill(3)
    publish(public, apart)
    cosign(tmp_path / "outside", name="procuratorate/370923", at=AT, using=apart)
    publish(public, apart)
    assert "procuratorate/370923" in (public / "checkpoint").read_text()
    assert watch(public, tmp_path / "mine", apart).new  # another's line under the checkpoint is no matter
    enter(1)
    ledger.integrate(apart)
    publish(public, apart)
    assert "procuratorate/370923" not in (public / "checkpoint").read_text()
    assert "procuratorate/370923" in (public / "cosigned").read_text()


def test_narrow_tiles_go_when_the_full_one_stands(apart, public):
    fill(200)
    publish(public, apart)
    fill(200)
    publish(public, apart)
    assert sorted(name for name in files(public) if name.startswith("tile/0")) == ["tile/0/000", "tile/0/001.p/144"]


@pytest.mark.parametrize("count", [5, 299, 300, 301, 900])
def test_another_history_is_never_published_over_the_first(apart, public, count, caplog):
    fill(300)
    publish(public, apart)
    before = files(public)
    rewrite(apart, count)
    with pytest.raises(publishing.Contradicted):
        publish(public, apart)
    publishing.publish_or_say_why(public, using=apart)
    assert "aren't up to date" in caplog.text
    assert files(public) == before


def test_after_a_declared_restore_the_old_files_are_put_aside_and_kept(apart, public):
    fill(300)
    publish(public, apart)
    old = (public / "checkpoint").read_bytes()
    rewrite(apart, 5)
    aside = publishing.begin_anew(public)
    assert publish(public, apart) == 5
    assert (aside / "checkpoint").read_bytes() == old and (aside / "tile/0/000").exists()


def test_rubbish_in_the_folder_is_said_and_not_overwritten(apart, public):
    fill(3)
    public.mkdir(parents=True)
    (public / "checkpoint").write_text("rubbish")
    with pytest.raises(exporting.CannotExport):
        publish(public, apart)
    assert (public / "checkpoint").read_text() == "rubbish"


def test_killed_at_any_file_it_shows_a_whole_state_and_goes_on(apart, public, tmp_path):
    fill(300)
    publish(public, apart)
    watch(public, tmp_path / "mine", apart)
    enter(1)
    ledger.integrate(apart)
    sizes = [watch_after_kill(public, tmp_path, apart, point) for point in range(8)]
    assert set(sizes) == {300, 301}  # the kills lie before and after the checkpoint
    publish(public, apart)
    assert watch(public, tmp_path / "mine", apart).size == 301


def watch_after_kill(public, tmp_path, using, point) -> int:
    """Publish in a child killed at its `point`-th fsync; the size a fresh watcher is then shown."""

    def dying() -> None:
        step, sync = deadly(point), os.fsync
        os.fsync = lambda handle: (step(), sync(handle))[1]
        publish(public, using)

    is_killed(dying)
    return watch(public, tmp_path / f"fresh-{point}", using).size
