"""Data modules and devices from settings; folders and settings of earlier runs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import AliasToken, YAMLError, scan

from vid2vid.config import FlowEstimatorConfig, FolderConfig, LoaderConfig, StageConfig, VideoConfig, build
from vid2vid.config.commands import Train
from vid2vid.config.data import DataSettings, FolderData, StreetData, VideoData, build_data
from vid2vid.config.settings import narrow
from vid2vid.errors import ConfigError, why
from vid2vid.files import write_text

if TYPE_CHECKING:
    from vid2vid.data.data_module import Vid2VidDataModule

CONFIG_NAME = "config.yaml"

NO_GPU = "torch finds no NVIDIA GPU with a driver that fits it (see what nvidia-smi says)."


def make_data(
    data: DataSettings | Mapping[str, Any],
    flow_estimator: FlowEstimatorConfig | Mapping[str, Any] | None,
    stages: Sequence[StageConfig] = (),
) -> "Vid2VidDataModule":
    """Make the data module of some settings.

    Args:
        data: The settings of the data set and of its clips.
        flow_estimator: The estimator of the reference flow that the data does not bring.
        stages: The stages of a training; the clips are as the last one has them (`StageConfig`).

    Raises:
        ConfigError: A setting cannot work.
    """
    from vid2vid.data.data_module import Vid2VidDataModule
    from vid2vid.data.data_sources import DataSource, ManifestSource, StreetSource, VideoSource
    from vid2vid.data.formats import FolderSource

    data = build_data(data)
    # streets are rendered at their own size; a stage crops and resizes what is there
    loader = replace(narrow(LoaderConfig, data), **(stages[-1].loader if stages else {}))
    source: DataSource
    if isinstance(data, StreetData):
        source = StreetSource(data.street, loader.planes_in_files)
    elif isinstance(data, VideoData):
        source = VideoSource.of_clips(narrow(VideoConfig, data), loader)
    elif isinstance(data, FolderData):
        source = FolderSource(narrow(FolderConfig, data), loader.planes_in_files)
    else:
        source = ManifestSource(Path(data.path))
    return Vid2VidDataModule(source, loader, flow_estimator)


def data_of_run(
    checkpoint: Path, data: DataSettings | Mapping[str, Any] | None, flow_estimator: Mapping[str, Any] | None = None
) -> "Vid2VidDataModule":
    """Make the data module of the given settings, by default that of the run that wrote a checkpoint.

    Args:
        checkpoint: The checkpoint of the run.
        data: Settings of other data than the run's; None: the run's own.
        flow_estimator: The estimator of the reference flow; None: the run's own.

    Raises:
        ConfigError: A setting cannot work, or the configuration of the run is missing or damaged.
    """
    if data is not None:
        return make_data(data, flow_estimator)
    run = run_config(checkpoint)
    return make_data(run.data, flow_estimator or run.flow_estimator, run.stages)


def save_config(settings: Train) -> None:
    """Write the settings of a run into its folder."""
    write_text(Path(settings.run_dir) / CONFIG_NAME, OmegaConf.to_yaml(OmegaConf.create(asdict(settings))))


def run_folder(checkpoint: Path) -> Path:
    """Return the folder of the run that wrote a checkpoint; of a model folder the folder itself."""
    if checkpoint.is_dir():
        return checkpoint.resolve()
    folder = checkpoint.resolve().parent
    return folder.parent if folder.name == "checkpoints" else folder


def whole_run_folder(checkpoint: Path) -> Path:
    """Return the folder of the whole training that wrote a checkpoint; with stages, the one that holds theirs.

    Raises:
        ConfigError: The training's configuration is damaged.
    """
    folder = run_folder(checkpoint)
    path = folder.parent / CONFIG_NAME
    in_stages = folder.name.startswith("stage_") and path.is_file() and read_config(path).stages
    return folder.parent if in_stages else folder


def run_config(checkpoint: Path) -> Train:
    """Return the configuration of the run that wrote a checkpoint.

    Raises:
        ConfigError: It does not lie beside the checkpoint, or is damaged.
    """
    from vid2vid.training.checkpoints.model_folder import ModelFolder

    # the name of a model that comes with vid2vid is no path
    model = ModelFolder.find(checkpoint)
    path = (run_folder(checkpoint) if model is None else model.path) / CONFIG_NAME
    if not path.is_file():
        raise ConfigError(
            f"{path}: there is no such file, which tells what the model was trained on; name the data yourself, e.g. "
            "data=street."
        )
    return read_config(path)


def read_config(path: Path, changes: Mapping[str, Any] | None = None) -> Train:
    """Read what `save_config` wrote.

    Args:
        path: The file.
        changes: Values to change, by their keys: ``{"trainer.max_epochs": 5}``.

    Raises:
        ConfigError: It is damaged.
    """
    try:
        text = path.read_text(encoding="utf-8")
        # aliases of aliases multiply: a few lines fill any memory
        if any(isinstance(token, AliasToken) for token in scan(text)):
            raise ValueError("it has aliases (*name); write their values out")
        config = OmegaConf.create(text)
        if not isinstance(config, DictConfig):
            raise ValueError("it is not a mapping of settings")
        for key, value in (changes or {}).items():
            OmegaConf.update(config, key, value)
        values = cast("dict[str, Any]", OmegaConf.to_container(config, resolve=True))
        return build(Train, {"run_dir": str(path.parent), **values}, "")
    except (OmegaConfBaseException, YAMLError, OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: cannot be read as the configuration of a run: {error}") from error


def choose_device(given: str) -> str:
    """Return the device to use: the given one, else a GPU where there is one.

    Raises:
        ConfigError: It is unknown, or this machine does not have it.
    """
    import torch

    if not given:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if given.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"device={given}: {NO_GPU} device=cpu works without one.")
    try:
        # meta is a known device, but holds no numbers
        torch.zeros(1, device=given).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ConfigError(f"device={given} cannot be used ({why(error)}). Leave it out, or give device=cpu.") from error
    return given
