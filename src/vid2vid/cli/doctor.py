"""``vid2vid doctor``."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from vid2vid.cli.assemble import make_data
from vid2vid.config.commands import Doctor
from vid2vid.config.data import FolderData, VideoData, build_data
from vid2vid.errors import ConfigError, DataError
from vid2vid.files import refuse_overwriting
from vid2vid.tools.doctor import DoctorReport, draw_sheet, examine
from vid2vid.tools.doctor.finding import of_failure
from vid2vid.visual import save_png


def run(config: Doctor) -> None:
    """Examine a data set, print what is wrong with it, and exit with status 2 if it should not be trained on."""
    if config.frames < 1:
        raise ConfigError(f"frames must be at least 1, but is {config.frames}; all=true looks at every frame.")
    data: Any = build_data(config.data)
    dataset, output = None, Path(config.output)
    results = [output / "doctor.json", output / "sheet.png"]
    refuse_overwriting(results, [getattr(data, key, None) for key in ("path", "palette")])
    left_out = "warning" if getattr(data, "on_broken", "") == "skip" else "error"
    if isinstance(data, VideoData | FolderData):
        # one sequence that cannot be used must not hide the others
        data = replace(data, on_broken="skip")
    try:
        data_module = make_data(data, config.flow_estimator)
    except DataError as failure:
        report = DoctorReport([of_failure(failure, "the data set")])
    else:
        report, dataset = examine(data_module, config.generator, 0 if config.all else config.frames, left_out)
    if dataset is not None:
        refuse_overwriting(results, data_module.prepare_manifest().files)
    written = ["doctor.json"]
    report.save(output / "doctor.json", config.strict)
    sheet = draw_sheet(dataset) if dataset else None
    if sheet is not None:
        save_png(output / "sheet.png", sheet)
        written.append("sheet.png")
    print(f"Written to {output}: {', '.join(written)}.\n")  # noqa: T201
    print(report.text(config.strict))  # noqa: T201
    if report.status(config.strict):
        sys.exit(report.status(config.strict))
