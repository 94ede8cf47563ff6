"""The commands of the README and of docs/commands.md, one after the other, and its Python: as written but for sizes."""

import logging
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import torch

from vid2vid.config import GeneratorConfig, commands
from vid2vid.data.manifest import Manifest
from vid2vid.generator import Generator
from vid2vid.tools.nvidia.names import generator_names
from vid2vid.video import stream_frames, write_video

Command = Callable[..., CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
README, MORE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/commands.md"))
STREETS = {"height": 32, "width": 64, "train_sequences": 2, "val_sequences": 1, "frames": 12, "render_workers": 1}
CLIPS = {"clip_frames": 5, "val_frames": 6, "num_workers": 0}
COMMANDS = [
    line
    for block in re.findall(r"```bash\n(.*?)```", README + MORE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("vid2vid ")
]
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def smaller(command: list[str], small: list[str], small_stages: list[str]) -> list[str]:
    """Return the overrides that make a command of the README quick."""
    verb = command[0]
    if verb == "evaluate":
        return ["bootstrap=20"]
    if verb == "synthesize" and "checkpoint=street" in command:
        # a street of its own, which would last for twelve seconds
        return ["frames=6"]
    if verb not in ("prepare", "train"):
        return []
    of_video = any(argument.startswith("data.path=") for argument in command)
    sizes = {"height": 32, "width": 64} if of_video else {f"street.{key}": value for key, value in STREETS.items()}
    settings = [f"data.{key}={value}" for key, value in {**sizes, **(CLIPS if verb == "train" else {})}.items()]
    settings += small_stages if "experiment=street_progressive" in command else []
    return settings + ([*small, "trainer.limit_train_batches=2"] if verb == "train" else [])


@pytest.fixture(scope="module")
def home(street_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a user who has a video of their own, clip.mp4, and checkpoints of the authors in official."""
    folder = tmp_path_factory.mktemp("readme")
    frames = [frame for sequence in Manifest.load(street_root).sequences for frame in stream_frames(sequence.target)]
    write_video(folder / "clip.mp4", frames, 10)
    official = Generator(GeneratorConfig(base_channels=4, downsamples=1, blocks=2, foreground="overwrite"), 5)
    names = generator_names(3)
    weights = {names(name).removeprefix("netG0/"): value for name, value in official.frame.state_dict().items()}
    (folder / "official").mkdir()
    torch.save(weights, folder / "official" / "latest_net_G0.pth")
    return folder


@pytest.mark.slow
def test_the_commands_work_one_after_the_other(
    home: Path,
    vid2vid: Command,
    cast: Callable[[Path, str, str], None],
    small: list[str],
    small_stages: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(home)
    # a clip may come from elsewhere, and the pages do not end: these have tests of their own
    assert {command.split()[1] for command in COMMANDS} | {"fetch", "studio", "live"} == set(commands.COMMANDS)
    for line in COMMANDS:
        command = shlex.split(line)[1:]
        if command[0] == "tally":
            cast(home / "comparison", "ann", "begun")
        done = vid2vid(*command, *smaller(command, small, small_stages))
        if "pip could not download" in done.stderr and os.environ.get("CI") != "true":
            pytest.skip(f"no package index can be reached: {done.stderr}")
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        for argument in command:
            output = home / argument.removeprefix("output=")
            if argument.startswith("output=") and output.suffix == ".mp4":
                assert len(list(stream_frames(output))) > 1


@pytest.mark.slow
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_python_works(
    snippet: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PL_TRAINER_FAST_DEV_RUN", "1")
    call = '.street("data/street")'
    assert call in snippet
    sizes = ", ".join(f"{key}={value}" for key, value in STREETS.items())
    smaller_snippet = snippet.replace(call, f'.street("data/street", {{"num_workers": 0}}, {sizes})')
    with caplog.at_level(logging.INFO):
        exec(compile(smaller_snippet, "README.md", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert "`max_steps=1` reached" in caplog.text
