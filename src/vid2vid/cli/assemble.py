"""From the composed configuration to objects."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from vid2vid.config import FolderConfig, LoaderConfig, StageConfig, StreetConfig, VideoConfig, build
from vid2vid.errors import ConfigError, choose
from vid2vid.files import write_text

if TYPE_CHECKING:
    from vid2vid.data.data_module import Vid2VidDataModule
    from vid2vid.data.data_sources import DataSource

KINDS = ("street", "video", "folder", "manifest")
CONFIG_NAME = "config.yaml"


def plain(settings: Any) -> dict[str, Any]:  # noqa: ANN401 - the settings of any verb
    """Return settings as plain values."""
    return asdict(settings)


def make_data(
    data: dict[str, Any], flow_estimator: dict[str, Any], stages: Sequence[dict[str, Any]] = ()
) -> "Vid2VidDataModule":
    """Make the data module that the group ``data`` describes.

    Args:
        data: The group.
        flow_estimator: Who computes the reference flows.
        stages: The stages of a training; the clips are as the last one has them (`StageConfig`).

    Raises:
        ConfigError: A setting cannot work.
    """
    from vid2vid.data.data_module import Vid2VidDataModule

    changed = build(StageConfig, stages[-1], "stages").loader if stages else {}
    loader = build(LoaderConfig, _part(LoaderConfig, {**data, **changed}), "data")
    return Vid2VidDataModule(_source(data), loader, flow_estimator)


def _source(data: dict[str, Any]) -> "DataSource":
    from vid2vid.data.data_sources import ManifestSource, StreetSource, VideoSource
    from vid2vid.data.formats import FolderSource

    kind = choose(str(data.get("kind")), KINDS, "data.kind")
    if kind == "street":
        return StreetSource(build(StreetConfig, data["street"], "data.street"))
    if kind == "video":
        return VideoSource(build(VideoConfig, _part(VideoConfig, data), "data"))
    if kind == "folder":
        return FolderSource(build(FolderConfig, _part(FolderConfig, data), "data"))
    return ManifestSource(Path(data["path"]))


def _part(cls: Any, data: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    return {f.name: data[f.name] for f in fields(cls) if f.name in data}


def save_config(config: DictConfig | dict[str, Any], run_dir: Path) -> None:
    """Write the whole configuration of a run, resolved, into its folder."""
    write_text(run_dir / CONFIG_NAME, OmegaConf.to_yaml(config, resolve=True))


def run_folder(checkpoint: Path) -> Path:
    """Return the folder of the run that wrote a checkpoint."""
    folder = checkpoint.resolve().parent
    return folder.parent if folder.name == "checkpoints" else folder


def whole_run_folder(checkpoint: Path) -> Path:
    """Return the folder of the whole training that wrote a checkpoint: of one in stages, that of all of them.

    Raises:
        ConfigError: The training's configuration is damaged.
    """
    folder = run_folder(checkpoint)
    path = folder.parent / CONFIG_NAME
    in_stages = folder.name.startswith("stage_") and path.is_file() and read_config(path).get("stages")
    return folder.parent if in_stages else folder


def run_config(checkpoint: Path) -> dict[str, Any]:
    """Return the configuration of the run that wrote a checkpoint.

    Raises:
        ConfigError: It does not lie beside the checkpoint, or is damaged.
    """
    path = run_folder(checkpoint) / CONFIG_NAME
    if not path.is_file():
        raise ConfigError(f"{path}: the run's configuration is not there; name the data yourself, e.g. data=street.")
    return read_config(path)


def read_config(path: Path) -> dict[str, Any]:
    """Read what `save_config` wrote.

    Raises:
        ConfigError: It is damaged.
    """
    try:
        config = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except (OmegaConfBaseException, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read as the configuration of a run: {error}") from error
    return cast("dict[str, Any]", config)


def choose_device(given: str) -> str:
    """Return the device to use: the given one, else a GPU where there is one."""
    import torch

    return given or ("cuda" if torch.cuda.is_available() else "cpu")
