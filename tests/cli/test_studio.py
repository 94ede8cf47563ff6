"""``vid2vid studio``: the page is served until Ctrl-C, or mistakes are explained."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from vid2vid.cli import studio
from vid2vid.config.studio import StudioConfig
from vid2vid.errors import MissingExtraError


@pytest.mark.slow
def test_the_page_is_served_until_it_is_stopped() -> None:
    command = [sys.executable, "-m", "vid2vid", "studio", "checkpoint=street", "port=0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"vid2vid studio: (http://127\.0\.0\.1:\d+/) \(Ctrl-C ends it\)", line)
        assert found, line
        with urllib.request.urlopen(found[1], timeout=60) as answer:  # noqa: S310 - on this machine
            assert b"<title>vid2vid studio</title>" in answer.read()
        with urllib.request.urlopen(f"{found[1]}session", b"{}", timeout=60) as answer:  # noqa: S310 - as above
            place = f"/s/{json.load(answer)['session']}"
        # somebody waits for a video when it is stopped
        host = found[1].split("/")[2]
        asking = socket.create_connection(("127.0.0.1", int(host.split(":")[1])))
        asking.sendall(f"GET {place}/take/video.mp4 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        made = 0
        while made == 0:
            with urllib.request.urlopen(f"{found[1][:-1]}{place}/place", timeout=60) as answer:  # noqa: S310 - as above
                made = json.load(answer)["made"]
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=60)
        with asking, asking.makefile() as answer:
            told = answer.read()
        assert told.startswith("HTTP/1.1 503 ")
        assert told.endswith('{"error":"The studio has ended."}')
        assert process.returncode == 130, messages
        assert messages.strip() == "vid2vid: stopped by Ctrl-C"


def test_mistakes_are_explained(vid2vid: Callable[..., CompletedProcess[str]]) -> None:
    done = vid2vid("studio", "checkpoint=street", "prot=1")
    assert (done.returncode, "Did you mean port?" in done.stderr) == (2, True)


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"uvicorn is not installed; .* .vid2vid\[studio"):
        studio.run(StudioConfig(Path("street")))
