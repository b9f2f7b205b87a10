"""An instance: one folder with its data, its keys and what kind it is. Made once, by `make`."""

import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = "instance.toml"
RESTORING = False  # set by `qingkong restore` before the settings are read


@dataclass(frozen=True, slots=True)
class Instance:
    """Where the instance lives and whether it was made as a demo. A demo can't become real, nor back."""

    home: Path
    made: bool
    demo: bool
    division: str
    secret: str

    @property
    def keys(self) -> Path:
        """The folder of keys: beside the data unless QINGKONG_KEYS puts it elsewhere."""
        return Path(os.environ.get("QINGKONG_KEYS") or self.home / "keys")


def find() -> Instance:
    """The instance QINGKONG_HOME names (default ./var), made or not."""
    home = Path(os.environ.get("QINGKONG_HOME") or "var").resolve()
    try:
        facts = tomllib.loads((home / FILE).read_text())
    except FileNotFoundError:
        return Instance(home, made=False, demo=False, division="370923", secret="not-made-yet")  # noqa: S106  no secret: nothing is served with it
    file = Path(os.environ.get("QINGKONG_KEYS") or home / "keys") / "web.secret"
    if RESTORING and not file.exists():  # nothing is served in this process; the keys are being brought back
        return Instance(home, made=True, demo=facts["demo"], division=facts["division"], secret=secrets.token_urlsafe())
    secret = file.read_text().strip()
    return Instance(home, made=True, demo=facts["demo"], division=facts["division"], secret=secret)


def make(*, demo: bool, division: str = "370923") -> Instance:
    """Make the folders, the web secret and the file that says what kind of instance this is."""
    instance = find()
    if instance.made:
        return instance
    instance.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    instance.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in ("data", "vault", "tiles"):
        (instance.home / folder).mkdir(exist_ok=True)
    secret = instance.keys / "web.secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48))
    write_facts(instance.home / FILE, demo=demo, division=division)
    return find()


def write_facts(path: Path, *, demo: bool, division: str) -> None:
    """Write the file that makes a folder an instance, at once."""
    spool = path.with_name(f"{path.name}.new")
    spool.write_text(
        f'# Made once. "demo" decides whether the role picker exists.\ndemo = {str(demo).lower()}\ndivision = "{division}"\n'
    )
    spool.replace(path)
