"""``vid2vid evaluate`` of several models in one call, and of folders of videos."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from vid2vid import ImageModule, Vid2VidModule
from vid2vid.data.manifest import Manifest
from vid2vid.street import street_condition
from vid2vid.training.checkpoints.serialization import save
from vid2vid.video import stream_frames, write_frames

Run = Callable[..., CompletedProcess[str]]
FEW = ["bootstrap=20", "window=5"]


class OneLabel(torch.nn.Module):
    """Finds the first label everywhere."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, 0].mul(0).long()


@pytest.fixture
def runs(
    vid2vid: Run,
    small_module: Callable[..., Vid2VidModule],
    small_image: Callable[..., ImageModule],
    street_root: Path,
) -> Run:
    """The command line, in a folder with the runs of two video models and of an image generator."""
    config = {
        "data": {"kind": "manifest", "path": str(street_root), "num_workers": 0, "val_frames": 8},
        "flow_estimator": {},
    }
    for name, make in (("first", small_module), ("second", small_module), ("frames", small_image)):
        save(make(), Path(name) / "checkpoints" / "last.ckpt")
        (Path(name) / "config.yaml").write_text(OmegaConf.to_yaml(config))
    return vid2vid


@pytest.mark.slow
def test_several_models_are_evaluated_in_one_call(runs: Run) -> None:
    torch.jit.script(OneLabel()).save("labels.pt")  # type: ignore[no-untyped-call]
    files = ",".join(f"{name}/checkpoints/last.ckpt" for name in ("first", "second", "frames"))
    done = runs("evaluate", f"checkpoint=[{files}]", "segmenter=labels.pt", "val_frames=0", *FEW)
    assert done.returncode == 0, done.stderr
    rows = [line.split()[0] for line in done.stdout.splitlines()[1:8]]
    assert rows == ["first", "second", "frames", "frozen", "label_mean", "nearest", "real"]
    output = Path("first/comparison")
    content = json.loads((output / "metrics.json").read_text())
    # all frames, not the 8 of the run, and on all of them but the given two all are evaluated
    assert (content["given_frames"], content["clips"]) == (2, 2)
    assert content["synthesised_frames"] == 2 * (10 + 10 + 12)
    assert {len(curve) for curve in content["curves"]["psnr"].values()} == {10}
    assert content["first"]["psnr"] != content["second"]["psnr"]
    assert content["first"]["pixel_accuracy"] == content["real"]["pixel_accuracy"]
    table = (output / "metrics.md").read_text().splitlines()
    told = table.index("Differences from first on the same clips; bold where the interval leaves out 0.")
    assert [line.split("|")[1].strip() for line in table[told + 4 : told + 6]] == ["second", "frames"]
    clips = content["per_clip"]
    apart = [b - a for a, b in zip(clips["first"]["psnr"], clips["second"]["psnr"], strict=True)]
    assert content["differences"]["second"]["psnr"]["value"] == pytest.approx(sum(apart) / 2)
    compared = columns(table[:told], {"first", "second", "frames"})
    assert all(any(cell.startswith("**") for cell in column) for column in compared)
    # condition | three models | real, each under its name
    shown = np.stack(list(stream_frames(output / "synthesis.mp4")))
    assert shown.shape == (2 * 10, 32 + 22, 5 * 64 + 4 * 2, 3)
    assert {path.name for path in output.iterdir()} >= {"sheet.png", "sheet_2.png", "curves.png"}


def columns(table: list[str], rows: set[str]) -> list[tuple[str, ...]]:
    """Return the columns of a table in Markdown, without the first, of some rows."""
    cells = [line.strip("| ").split(" | ") for line in table[4:] if line.startswith("|")]
    return list(zip(*(row[1:] for row in cells if row[0] in rows), strict=True))


@pytest.mark.slow
def test_a_segmenter_is_trained_once(runs: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vid2vid.evaluation.segmenter.STEPS", 3)
    command = ["evaluate", "checkpoint=first/checkpoints/last.ckpt", "segmenter=train", "val_frames=4", *FEW]
    command.append("classes=[road,26]")
    found = []
    for _ in range(2):
        done = runs(*command)
        assert done.returncode == 0, done.stderr
        content = json.loads(Path("first/evaluation/metrics.json").read_text())
        assert {"class_psnr", "class_detail", "iou/road", "iou/26"} <= set(content["vid2vid"])
        found.append(content["real"]["miou"])
        kept = Path("first/evaluation/segmenter.pt").stat().st_mtime_ns
    assert found[0] == found[1]
    assert kept == Path("first/evaluation/segmenter.pt").stat().st_mtime_ns
    assert done.stderr.count("train the segmenter") == 0


@pytest.mark.slow
def test_folders_are_evaluated(vid2vid: Run, street_root: Path) -> None:
    random = np.random.default_rng(0)
    for sequence in Manifest.load(street_root).split("val"):
        frames = list(stream_frames(sequence.target))[:6]
        write_frames(Path("real") / sequence.name, frames)
        for folder, strength in (("good", 5), ("bad", 40)):
            noise = random.normal(0, strength, (6, *frames[0].shape))
            write_frames(Path(folder) / sequence.name, list(np.clip(frames + noise, 0, 255).astype(np.uint8)))
    done = vid2vid("evaluate", "generated=[bad,good]", "real=real", "output=evaluated", *FEW)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[1:4]] == ["bad", "good", "real"]
    content = json.loads(Path("evaluated/metrics.json").read_text())
    assert content["good"]["psnr"] > content["bad"]["psnr"]
    done = vid2vid("evaluate", "generated=good", "real=real", "names=[mine]", "given_frames=1", "output=named", *FEW)
    assert done.returncode == 0, done.stderr
    assert "mine" in json.loads(Path("named/metrics.json").read_text())


MISTAKES = {
    "generated=a": "give either checkpoint",
    "checkpoint=a.ckpt generated=a real=b": "give either checkpoint",
    "generated=a real=b": "a: there is no such file or folder",
    "generated=[x/a,y/a] real=b": "generated: the paths do not tell a, a apart; name them: names=[a,b]",
    "generated=a real=b names=[c,d]": "names=['c', 'd']: give one for each of the 1",
    "generated=a real=b names=[real]": "'real' cannot be the name of a model",
    "checkpoint=a.ckpt window=0": "window must be at least 1, but is 0",
    "checkpoint=a.ckpt val_frames=-1": "val_frames must be at least 0, but is -1",
    "generated=a real=b given_frames=-1": "given_frames must be at least 0, but is -1",
    "checkpoint=a.ckpt bootstrp=3": "Did you mean bootstrap?",
}


@pytest.mark.parametrize("command", MISTAKES)
def test_mistakes_are_explained_before_anything_is_loaded(command: str, vid2vid: Run) -> None:
    done = vid2vid("evaluate", *command.split())
    assert done.returncode == 2
    assert MISTAKES[command] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_of_other_conditions_is_named(runs: Run, small_module: Callable[..., Vid2VidModule]) -> None:
    condition = street_condition()
    condition.label_ids = condition.label_ids[::-1]
    save(small_module(condition), Path("third/checkpoints/last.ckpt"))
    done = runs("evaluate", "checkpoint=[first/checkpoints/last.ckpt,third/checkpoints/last.ckpt]", *FEW)
    assert (done.returncode, "third: was trained on conditions" in done.stderr) == (2, True)
