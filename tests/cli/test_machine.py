"""``vid2vid checks``: a report that can be pasted anywhere."""

import getpass
import json
import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess


def test_a_report_of_this_machine(vid2vid: Callable[..., CompletedProcess[str]]) -> None:
    told = vid2vid("checks")
    assert told.returncode == 0, told.stderr
    for name in ("vid2vid", "Python", "packages", "processor", "memory", "devices", "cache", "extra hub"):
        assert f"\n{name} " in f"\n{told.stdout}"
    for private in (socket.gethostname(), str(Path.home()) + "/", str(Path.cwd())):
        assert private not in told.stdout
    assert getpass.getuser() in ("root", "user") or getpass.getuser() not in told.stdout
    assert json.loads(vid2vid("checks", "json=true").stdout)["cache"] == "as $VID2VID_CACHE says, not there yet"
