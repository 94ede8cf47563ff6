"""``vid2vid doctor``."""

import sys
from pathlib import Path
from typing import Any

from vid2vid.cli.assemble import make_data, plain
from vid2vid.config import GeneratorConfig, build
from vid2vid.config.commands import Doctor
from vid2vid.errors import ConfigError, DataError
from vid2vid.tools.doctor import CheckedDataset, DoctorReport, draw_sheet, examine
from vid2vid.tools.doctor.finding import of_failure
from vid2vid.visual import save_png


def run(config: Doctor) -> None:
    """Look at a data set, say what is wrong with it, and leave with exit status 2 if it should not be trained on."""
    settings = plain(config)
    if settings["frames"] < 1:
        raise ConfigError(f"frames must be at least 1, but is {settings['frames']}; all=true looks at every frame.")
    report, dataset = _examined(settings)
    output, strict = Path(settings["output"]), settings["strict"]
    report.save(output / "doctor.json", strict)
    written = ["doctor.json"]
    sheet = draw_sheet(dataset) if dataset else None
    if sheet is not None:
        save_png(output / "sheet.png", sheet)
        written.append("sheet.png")
    print(f"Written to {output}: {', '.join(written)}.\n")  # noqa: T201
    print(report.text(strict))  # noqa: T201
    status = report.status(strict)
    if status:
        sys.exit(status)


def _examined(settings: dict[str, Any]) -> tuple[DoctorReport, CheckedDataset | None]:
    generator = build(GeneratorConfig, settings["generator"], "generator")
    group = dict(settings["data"])
    left_out = "warning" if group.get("on_broken") == "skip" else "error"
    if "on_broken" in group:
        # one sequence that cannot be used must not hide the others
        group["on_broken"] = "skip"
    try:
        data = make_data(group, settings["flow_estimator"])
    except DataError as failure:
        return DoctorReport([of_failure(failure, "the data set")]), None
    return examine(data, generator, 0 if settings["all"] else settings["frames"], left_out)
