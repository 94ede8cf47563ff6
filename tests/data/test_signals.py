"""Only the main process ends the workers of a loader."""

import os
import signal
import subprocess
import sys
import time

import pytest

WORKER = """
import os, sys, time
from vid2vid.data.signals import leave_signals_to_the_main_process
leave_signals_to_the_main_process(0)
print("ready", flush=True)
if len(sys.argv) > 1:
    os.system(f"kill -TERM {os.getpid()}")
    time.sleep(0.2)
    print("alive", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(signal, "sigwaitinfo"), reason="needs signals that tell their sender")
def test_a_worker_ends_only_when_its_parent_says_so() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        os.kill(worker.pid, signal.SIGINT)
        time.sleep(0.3)
        assert worker.poll() is None, "Ctrl-C, which all processes get, has ended it"
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(timeout=10) == 0


@pytest.mark.skipif(not hasattr(signal, "sigwaitinfo"), reason="needs signals that tell their sender")
def test_a_signal_of_another_process_is_left_to_the_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", WORKER, "other"], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert [worker.stdout.readline() for _ in range(2)] == ["ready\n", "alive\n"]
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(timeout=10) == 0
