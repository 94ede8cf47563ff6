"""Checks what `make demo` left behind against what the README promises of it."""

import json
import sys
from pathlib import Path


def main() -> None:
    """Leave with a message if a file is missing or a number is worse than promised."""
    folder = Path(sys.argv[1])
    written = ("synthesis.mp4", "sheet.png", "metrics.json", "metrics.csv", "config.yaml", "checkpoints/last.ckpt")
    for name in ("../street.mp4", *written):
        if not (folder / name).stat().st_size:
            sys.exit(f"{folder / name} is empty")
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    model, frozen, label_mean = (metrics[name] for name in ("vid2vid", "frozen", "label_mean"))
    # a slow machine stops after trainer.max_time, and has seen fewer batches
    promises = {
        "5 dB above the frozen first frame": model["psnr"] > frozen["psnr"] + 5,
        "4 dB above the mean colours of the labels": model["psnr"] > label_mean["psnr"] + 4,
        "half of the frozen frame's perceptual distance": 2 * model["perceptual_distance"]
        < frozen["perceptual_distance"],
        "no more warping error than the real video": model["warping_error"] < model["warping_error_real"],
        "0.6 to 1.2 of the real video's detail": 0.6 < model["detail"] < 1.2,
    }
    broken = [promise for promise, kept in promises.items() if not kept]
    if broken:
        sys.exit(f"the demo falls short: {', '.join(broken)}; {metrics}")
    print(f"the demo keeps its promises: {model}")  # noqa: T201


main()
