"""``vid2vid styles``."""

from pathlib import Path

from vid2vid.cli.assemble import choose_device, make_data, plain, run_config, run_folder
from vid2vid.config.synthesis import Styles
from vid2vid.errors import ConfigError, require
from vid2vid.synthesis.styles import StyleBook, collect_styles, fit_styles, style_sheet
from vid2vid.training import Vid2VidModule, load
from vid2vid.visual import save_png


def run(config: Styles) -> None:
    """Collect what the objects of a data set look like, and write the styles that a video can have."""
    settings = plain(config)
    for key in ("frames", "components", "kinds", "least_pixels"):
        if settings[key] < 1:
            raise ConfigError(f"{key} must be at least 1, but is {settings[key]}.")
    checkpoint = Path(settings["checkpoint"])
    module = load(checkpoint, Vid2VidModule, device=choose_device(settings["device"]))
    module.synthesis_generator.require_encoder()
    require("sklearn", "styles")  # before anything long begins
    # of a run's own data the run knows all; that of others is named
    own = {} if settings["data"] else run_config(checkpoint)
    data = make_data(settings["data"] or own["data"], own.get("flow_estimator") or {}, own.get("stages") or [])
    features = collect_styles(module, data, settings["frames"], settings["least_pixels"])
    book = fit_styles(module, features, settings["components"], settings["kinds"], settings["seed"])
    output = Path(settings["output"] or run_folder(checkpoint) / "styles.safetensors")
    book.save(output)
    sheet = output.with_suffix(".png")
    save_png(sheet, style_sheet(module, book, data, settings["kinds"]))
    print(f"{table(book)}\nwritten to {output} and {sheet}")  # noqa: T201


def table(book: StyleBook) -> str:
    """Return how many objects of each class were found, and how many kinds of them, a line for each."""
    lines = [f"{'class':<20}{'objects':>10}  objects of each kind, from 0 on"]
    for label, objects, sizes in zip(book.labels, book.objects.tolist(), book.sizes.tolist(), strict=True):
        lines.append(f"{label:<20}{objects:>10,}  {' '.join(str(size) for size in sizes if size)}")
    return "\n".join(lines)
