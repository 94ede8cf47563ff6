"""``vid2vid prepare``."""

from vid2vid.cli.assemble import make_data
from vid2vid.config.commands import Prepare


def run(settings: Prepare) -> None:
    """Make a data set ready and check every file of it."""
    data = make_data(settings.data, settings.flow_estimator)
    data.prepare_data()
    data.setup("fit")
    manifest = data.prepare_manifest()
    for split in sorted(manifest.splits()):
        sequences = manifest.split(split)
        frames = sum(sequence.frames for sequence in sequences)
        print(f"{split}: {len(sequences)} sequences, {frames} frames")  # noqa: T201
