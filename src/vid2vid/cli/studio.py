"""``vid2vid studio``."""

import webbrowser
from pathlib import Path
from typing import Any

import torch

from vid2vid.cli.assemble import choose_device
from vid2vid.config.studio import StudioConfig
from vid2vid.errors import ConfigError, require
from vid2vid.models import MODELS
from vid2vid.training import load


def run(settings: StudioConfig) -> None:
    """Serve the page until Ctrl-C."""
    for package in ("starlette", "uvicorn"):
        require(package, "studio")
    from vid2vid.studio.server import serve
    from vid2vid.studio.timeline import StudioModel

    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = choose_device(settings.device)

    def opened(checkpoint: Path) -> StudioModel:
        module: Any = load(checkpoint, device=device)
        model = MODELS[module.kind]
        if not model.synthesizer:
            raise ConfigError(f"{checkpoint}: this is {model.title}. {model.instead}")
        return StudioModel(str(checkpoint), module, settings.precision)

    def ready(address: str) -> None:
        print(f"vid2vid studio: {address} (Ctrl-C ends it)", flush=True)  # noqa: T201
        if settings.open:
            webbrowser.open(address)

    serve([opened(one) for one in (settings.checkpoint, settings.beside) if one], settings, ready)
