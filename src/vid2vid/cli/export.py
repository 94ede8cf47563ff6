"""``vid2vid export``."""

from vid2vid.config import ExportConfig
from vid2vid.export import StepDescription, export_step
from vid2vid.files import refuse_overwriting
from vid2vid.training import Vid2VidModule, load


def run(config: ExportConfig) -> None:
    """Export one step of F."""
    refuse_overwriting([config.output, StepDescription.path_of(config.output)], config.files_read())
    description = export_step(load(config.checkpoint, Vid2VidModule), config)
    size = f"multiples of {description.multiple}" if description.dynamic else f"{config.height} x {config.width}"
    print(f"{config.output}: one step of F for frames of {size}, described in {config.output}.json")  # noqa: T201
