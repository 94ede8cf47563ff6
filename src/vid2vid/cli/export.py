"""``vid2vid export``."""

from collections.abc import Mapping

from vid2vid.config import ExportConfig, SynthesisConfig, build
from vid2vid.export import StepDescription, export_step
from vid2vid.files import refuse_overwriting
from vid2vid.synthesis.inputs import InputSource
from vid2vid.training import Vid2VidModule, load


def run(config: ExportConfig) -> None:
    """Export one step of F."""
    output, calibration = config.output, calibration_settings(config)
    read = [*config.files_read(), *(calibration.files_read() if calibration else ())]
    refuse_overwriting([output, StepDescription.path_of(output)], read)
    module = load(config.checkpoint, Vid2VidModule)
    description = export_step(module, config, InputSource(calibration, module.condition) if calibration else ())
    size = f"multiples of {description.multiple}" if description.dynamic else f"{config.height} x {config.width}"
    print(f"{output}: one step of F for frames of {size}, described in {output}.json")  # noqa: T201


def calibration_settings(config: ExportConfig) -> SynthesisConfig | None:
    """Return which conditions ``config.calibration`` means, as settings of a synthesis.

    Raises:
        ConfigError: It is wrong.
    """
    given = config.calibration
    if not given:
        return None
    own = {name: getattr(config, name) for name in ("checkpoint", "output", "height", "width")}
    return build(
        SynthesisConfig, {**(given if isinstance(given, Mapping) else {"source": given}), **own}, "calibration"
    )
