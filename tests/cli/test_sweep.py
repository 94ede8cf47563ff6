"""``vid2vid train -m``: each job has a folder of its own, and a job that fails is named and does not end the others."""

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from omegaconf import OmegaConf

Run = Callable[..., CompletedProcess[str]]
JOBLIB = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]


@pytest.fixture
def sweep(street_root: Path, small: list[str]) -> list[str]:
    """Arguments of a sweep of small trainings, two batches each."""
    data = [
        "data=manifest",
        f"data.path={street_root}",
        "data.num_workers=0",
        "data.clip_frames=4",
        "data.val_frames=4",
    ]
    few = ["trainer.progress=false", "trainer.limit_train_batches=2", "output.preview_every=0"]
    return ["train", "-m", *data, *small, *few, "output.preview_every=0"]


def configs(run_dir: Path) -> dict[str, tuple[int, int]]:
    """Return the seed and the length of clips of each job's own configuration, which names the job's own folder."""
    found = {}
    for path in run_dir.glob("*/config.yaml"):
        config = OmegaConf.load(path)
        assert config.run_dir == str(path.parent.relative_to(run_dir.parent))
        found[path.parent.name] = (config.seed, config.data.clip_frames)
    return found


def trained(run_dir: Path) -> set[str]:
    """Return the folders of the jobs that have ended well."""
    return {path.parents[1].name for path in run_dir.glob("*/checkpoints/last.ckpt")}


def is_as_it_should(done: CompletedProcess[str], folder: Path) -> None:
    """Look at a sweep of four jobs, of which two must fail: each in its folder, named, and no end of the others."""
    assert done.returncode == 2, done.stderr
    assert configs(folder / "run") == {"0": (3, 4), "1": (5, 4), "2": (3, 40), "3": (5, 40)}
    assert trained(folder / "run") == {"0", "1"}
    # nothing beside the run's folder, and in it no more than the jobs and what was asked for
    assert [path.name for path in folder.iterdir()] == ["run"]
    assert {path.name for path in (folder / "run").iterdir()} == {"0", "1", "2", "3", "multirun.yaml"}
    # the bars of other processes may stand before them in a line
    lines = re.findall(r"vid2vid: job .*?(?=vid2vid: job |[\r\n]|$)", done.stderr)
    for number, seed in ((2, 3), (3, 5)):
        failed = [line for line in lines if line.startswith(f"vid2vid: job {number} (") and "fewer than a clip" in line]
        assert all(setting in failed[0].split("): ")[0] for setting in (f"seed={seed}", "data.clip_frames=40"))
    assert "Traceback" not in done.stderr


# clips that are too long are found only when the data are read
FOUR_JOBS = ["run_dir=run", "seed=3,5", "data.clip_frames=4,40"]


@pytest.mark.slow
def test_jobs_one_after_the_other(vid2vid: Run, sweep: list[str]) -> None:
    is_as_it_should(vid2vid(*sweep, *FOUR_JOBS), Path.cwd())


@pytest.mark.slow
def test_jobs_side_by_side(program: Run, sweep: list[str], tmp_path: Path) -> None:
    is_as_it_should(program(*sweep, *JOBLIB, *FOUR_JOBS, cwd=tmp_path), tmp_path)


@pytest.mark.slow
def test_an_experiment_has_its_folder_and_goes_on_in_it(vid2vid: Run, sweep: list[str]) -> None:
    command = [*sweep, "experiment=street", "seed=3,5", "data.clip_frames=4"]
    done = vid2vid(*command)
    assert done.returncode == 0, done.stderr
    assert trained(Path("runs/street")) == {"0", "1"}
    assert [OmegaConf.load(f"runs/street/{number}/config.yaml").seed for number in (0, 1)] == [3, 5]
    done = vid2vid(*command, "resume=true")
    assert done.returncode == 0, done.stderr
    for number in (0, 1):
        ended = f"vid2vid: runs/street/{number}/checkpoints/last.ckpt: this training has already finished."
        assert ended in done.stderr


def test_a_crash_is_named_and_has_status_1(vid2vid: Run, sweep: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(config: object) -> None:
        raise RuntimeError("no more")

    monkeypatch.setattr(importlib.import_module("vid2vid.cli.train"), "run", crash)
    done = vid2vid(*sweep, "run_dir=run", "seed=3,5")
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 2
    for number, seed in ((0, 3), (1, 5)):
        assert f"vid2vid: job {number} (" in done.stderr
        assert f"seed={seed}): RuntimeError: no more" in done.stderr


REFUSED = {
    "trainer.devices=1,2": "trainer.devices=2 in a sweep: the further processes",
    "trainer=ddp": "trainer.devices=2 in a sweep: the further processes",
    "trainer.num_nodes=2": "trainer.num_nodes=2 in a sweep: the further processes",
    "resume=run/checkpoints/last.ckpt": "all jobs would resume in the folder of that one checkpoint",
    "run_dir=file/run": "vid2vid: file: Not a directory",
    "run_dir=a,file/run": "vid2vid: file: Not a directory",
    "trainer.max_epochs=1,many": "trainer.max_epochs=many: must be a whole number",
    "generator=tiny,smal": "Did you mean generator=small?",
    "hydra/launcher=joblip": "hydra/launcher",
}


@pytest.mark.parametrize("override", REFUSED)
def test_what_cannot_be_swept_is_refused_before_the_first_job(override: str, vid2vid: Run) -> None:
    Path("file").write_text("in the way")
    done = vid2vid("train", "--multirun", "seed=0,1", override)
    assert done.returncode == 2
    assert REFUSED[override] in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in Path.cwd().iterdir()] == ["file"]


def test_a_missing_launcher_is_named(vid2vid: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hydra_plugins.hydra_joblib_launcher", None)
    done = vid2vid("train", "-m", "seed=0,1", "hydra/launcher=joblib")
    assert (done.returncode, "pip install 'vid2vid[sweep]'" in done.stderr) == (2, True)


def test_only_trainings_can_be_swept(vid2vid: Run) -> None:
    done = vid2vid("evaluate", "-m", "checkpoint=a.ckpt,b.ckpt")
    assert (done.returncode, "only trainings can be swept" in done.stderr) == (2, True)
    assert not list(Path.cwd().iterdir())
