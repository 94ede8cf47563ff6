"""``vid2vid styles``."""

from vid2vid.cli.assemble import CONFIG_NAME, choose_device, data_of_run, run_folder
from vid2vid.config import StylesConfig
from vid2vid.errors import require
from vid2vid.files import refuse_overwriting
from vid2vid.synthesis.style_sheet import style_sheet
from vid2vid.synthesis.styles import StyleBook, collect_styles, fit_styles
from vid2vid.training import Vid2VidModule, load
from vid2vid.visual import save_png


def run(settings: StylesConfig) -> None:
    """Fit the styles of a data set, and write them with a sheet of their kinds."""
    checkpoint = settings.checkpoint
    module = load(checkpoint, Vid2VidModule, device=choose_device(settings.device))
    module.synthesis_generator.require_encoder()
    require("sklearn", "styles")  # before anything long begins
    data = data_of_run(checkpoint, settings.data)
    output = settings.output or run_folder(checkpoint) / "styles.safetensors"
    sheet = output.with_suffix(".png")
    run = run_folder(checkpoint) / CONFIG_NAME
    refuse_overwriting([output, sheet], [*settings.files_read(), run, *data.prepare_manifest().files])
    features = collect_styles(module, data, settings.frames, settings.least_pixels)
    book = fit_styles(module, features, settings.components, settings.kinds, settings.seed)
    book.save(output)
    save_png(sheet, style_sheet(module, book, data, settings.kinds))
    print(f"{style_table(book)}\nwritten to {output} and {sheet}")  # noqa: T201


def style_table(book: StyleBook) -> str:
    """Return the number of objects of each class and of each kind, a line for each class."""
    lines = [f"{'class':<20}{'objects':>10}  objects of each kind, from 0 on"]
    for label, objects, sizes in zip(book.labels, book.objects.tolist(), book.sizes.tolist(), strict=True):
        lines.append(f"{label:<20}{objects:>10,}  {' '.join(str(size) for size in sizes if size)}")
    return "\n".join(lines)
