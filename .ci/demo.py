"""Checks what `make demo` left behind against what the README promises of it."""

import json
import sys
from pathlib import Path


def main() -> None:
    """Leave with a message if a file is missing or a number is worse than promised."""
    folder = Path(sys.argv[1])
    for name in ("synthesis.mp4", "sheet.png", "metrics.json", "metrics.csv", "config.yaml", "checkpoints/last.ckpt"):
        if not (folder / name).stat().st_size:
            sys.exit(f"{folder / name} is empty")
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    model, frozen, label_mean = (metrics[name] for name in ("vid2vid", "frozen", "label_mean"))
    promises = {
        "2 dB above the frozen first frame": model["psnr"] > frozen["psnr"] + 2,
        "above the mean colours of the labels": model["psnr"] > label_mean["psnr"],
        "warping error below twice the real video's": model["warping_error"] < 2 * model["warping_error_real"],
        "as much detail as the real video": 0.6 < model["detail"] < 1.3,
    }
    broken = [promise for promise, kept in promises.items() if not kept]
    if broken:
        sys.exit(f"the demo falls short: {', '.join(broken)}; {metrics}")


main()
