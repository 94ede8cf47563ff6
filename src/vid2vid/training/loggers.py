"""Where the numbers of a training go."""

from pathlib import Path

from pytorch_lightning.loggers import CSVLogger, Logger, TensorBoardLogger, WandbLogger

from vid2vid.errors import ConfigError, require
from vid2vid.settings import LoggerConfig


def make_loggers(config: LoggerConfig, run_dir: Path) -> list[Logger]:
    """Make the loggers of a run: always ``metrics.csv`` in its folder, and the one that the settings name.

    Raises:
        MissingExtraError: TensorBoard is asked for and not installed.
        ConfigError: wandb is asked for online, without an API key.
    """
    loggers: list[Logger] = [CSVLogger(str(run_dir), name="", version="", flush_logs_every_n_steps=20)]
    if config.kind == "tensorboard":
        require("tensorboard", extra="tensorboard")
        loggers.append(TensorBoardLogger(str(run_dir), name="", version="tensorboard"))
    elif config.kind == "wandb":
        loggers.append(_wandb(config, run_dir))
    return loggers


def _wandb(config: LoggerConfig, run_dir: Path) -> Logger:
    import wandb

    if config.mode == "online" and not wandb.api.api_key:
        raise ConfigError("logger.mode=online needs an account: run `wandb login`, or use logger.mode=offline.")
    run_dir.mkdir(parents=True, exist_ok=True)
    return WandbLogger(
        name=run_dir.name, save_dir=str(run_dir), project=config.project, offline=config.mode == "offline"
    )
