"""Keys: made once, rotated, and never guessed when lost."""

import json

import pytest

from qingkong.kernel.access import keys


def test_a_key_file_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    keys.make_keys(tmp_path)
    first = (tmp_path / keys.FILE).read_text()
    keys.make_keys(tmp_path)
    assert (tmp_path / keys.FILE).read_text() == first
    assert (tmp_path / keys.FILE).stat().st_mode & 0o777 == 0o600


def test_after_rotation_old_keys_still_open(tmp_path):
    keys.make_keys(tmp_path)
    old_id, old = keys.KeyFile(tmp_path / keys.FILE).active()
    assert keys.rotate(tmp_path) == "k2"
    source = keys.KeyFile(tmp_path / keys.FILE)
    assert source.active()[0] == "k2"
    assert source.key(old_id) == old != source.active()[1]


def test_a_lost_key_is_said_and_not_replaced(tmp_path):
    with pytest.raises(keys.KeyLost):
        keys.KeyFile(tmp_path / keys.FILE)
    keys.make_keys(tmp_path)
    content = json.loads((tmp_path / keys.FILE).read_text())
    del content["keys"]["k1"]
    (tmp_path / keys.FILE).write_text(json.dumps(content))
    with pytest.raises(keys.KeyLost):
        keys.KeyFile(tmp_path / keys.FILE).active()
