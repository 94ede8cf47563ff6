"""``vid2vid synthesize``."""

from pathlib import Path

from omegaconf import DictConfig

from vid2vid.cli.assemble import choose_device, plain
from vid2vid.data.framing import Framing
from vid2vid.synthesis import synthesize
from vid2vid.training import load


def run(config: DictConfig) -> None:
    """Make a video from a video of conditions."""
    settings = plain(config)
    module = load(settings["checkpoint"], choose_device(settings["device"]))
    output = Path(settings["output"])
    frames = synthesize(
        module,
        Path(settings["source"]),
        output,
        framing=Framing(settings["height"], settings["width"], tuple(settings["crop"])),
        first=Path(settings["first"]) if settings["first"] else None,
        instance=Path(settings["instance"]) if settings["instance"] else None,
        foreground=Path(settings["foreground"]) if settings["foreground"] else None,
        fps=settings["fps"],
    )
    print(f"{output}: {frames} frames")  # noqa: T201
