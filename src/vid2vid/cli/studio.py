"""``vid2vid studio``."""

import webbrowser

import torch

from vid2vid.cli.assemble import choose_device
from vid2vid.cli.synthesize import load_synthesizing
from vid2vid.config.studio import StudioConfig
from vid2vid.errors import require


def run(settings: StudioConfig) -> None:
    """Serve the page until Ctrl-C."""
    for package in ("starlette", "uvicorn"):
        require(package, "studio")
    from vid2vid.studio.server import serve
    from vid2vid.studio.timeline import StudioModel

    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = choose_device(settings.device)
    models = [
        StudioModel(str(checkpoint), load_synthesizing(checkpoint, device), settings.precision)
        for checkpoint in (settings.checkpoint, settings.beside)
        if checkpoint
    ]

    def ready(address: str) -> None:
        print(f"vid2vid studio: {address} (Ctrl-C ends it)", flush=True)  # noqa: T201
        if settings.open:
            webbrowser.open(address)

    serve(models, settings, ready)
