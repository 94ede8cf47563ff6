"""The lock on the folder of a run: one training at a time, and none after the death of its process."""

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from vid2vid.errors import ConfigError
from vid2vid.locks import LOCK
from vid2vid.training import run_lock
from vid2vid.training.run_lock import is_first_process, locked

HOLD = """
import runpy, sys, time
from pathlib import Path
# the file alone: its package imports Lightning, which takes seconds
locked = runpy.run_path(sys.argv[2])["locked"]
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_a_second_training_is_refused_and_leaves_the_first(tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    with locked(run_dir):
        (run_dir / "metrics.csv").touch()
        for path in (run_dir, tmp_path / "run" / ".." / "run"):
            with pytest.raises(ConfigError, match="run: another training is writing there"), locked(path):
                pytest.fail("both hold the lock")
    with locked(run_dir):
        pass
    assert {path.name for path in run_dir.iterdir()} == {LOCK, "metrics.csv"}


def test_the_lock_of_a_killed_process_is_released(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path), run_lock.__file__], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(ConfigError, match="another training is writing there"), locked(tmp_path):
            pytest.fail("both hold the lock")
    finally:
        holder.kill()
        holder.communicate()
    with locked(tmp_path):
        assert (tmp_path / LOCK).is_file()


def wait(end: "multiprocessing.synchronize.Event") -> None:
    end.wait(60)


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="processes are not forked here")
def test_a_worker_that_is_left_behind_does_not_hold_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    end = context.Event()
    with locked(tmp_path):
        worker = context.Process(target=wait, args=(end,))
        worker.start()
    try:
        with locked(tmp_path):
            assert worker.is_alive()
    finally:
        end.set()
        worker.join()


def test_a_training_that_writes_nothing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="refused"), locked(tmp_path / "run"):
        raise ConfigError("refused")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("rank", ["RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID"])
def test_the_further_processes_of_a_training_belong_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rank: str
) -> None:
    monkeypatch.setenv(rank, "0")
    assert is_first_process()
    with locked(tmp_path):
        monkeypatch.setenv(rank, "1")
        assert not is_first_process()
        with locked(tmp_path):
            pass
