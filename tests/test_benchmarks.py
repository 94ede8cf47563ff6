"""The benchmarks import, explain themselves, and train with settings that exist; they are too long to be run here."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from vid2vid import Vid2VidModule
from vid2vid.cli.composition import check, conf_dir, register
from vid2vid.condition import PLANES
from vid2vid.config import AugmentConfig
from vid2vid.errors import MissingExtraError
from vid2vid.metrics.metric_networks import video_network
from vid2vid.street import street_condition
from vid2vid.synthesis.rendered_street import RenderedStreet

FOLDER = Path(__file__).parents[1] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
FOLDERS = {path.parent.name for path in FOLDER.glob("*/__init__.py")}


@pytest.fixture
def benchmark(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module of a benchmark; it finds the folder ``comparison`` beside it, as when it is run."""
    monkeypatch.syspath_prepend(FOLDER)
    yield import_module(str(request.param))
    for name in [name for name in sys.modules if name.partition(".")[0] in {*NAMES, *FOLDERS}]:
        del sys.modules[name]


def compose(verb: str, *overrides: str) -> None:
    """Build the settings of a command.

    Raises:
        ConfigError: One does not exist, or has a value that is not allowed.
    """
    register()
    OmegaConf.to_object(check(conf_dir(), verb, list(overrides)))


@pytest.mark.parametrize("benchmark", NAMES, indirect=True)
def test_a_benchmark_imports_and_says_how_to_run_it(benchmark: ModuleType) -> None:
    assert f"python benchmarks/{benchmark.__name__}.py" in (benchmark.__doc__ or "")


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", ["comparison.variants"], indirect=True)
def test_the_comparison_composes(benchmark: ModuleType) -> None:
    budget = import_module("comparison.trainings").budget
    for subject, compared in benchmark.SUBJECTS.items():
        for variant in compared.variants:
            part = benchmark.Part(subject, variant, 0, Path("runs"))
            compose("train", *part.settings(), *part.beginning(), *budget(3), "preflight=true", "resume=true")
        compose("evaluate", "checkpoint=[a,b]", "names=[a,b]", "output=c", *compared.evaluation)
    others = [("turning", "normals-longer"), ("colours", "memory")]
    others += [("edits", name) for name in benchmark.EDITS["edits"].variants]
    others += [("practices", name) for name in benchmark.PRACTICES["practices"].variants]
    for subject, variant in others:
        part = benchmark.Part(subject, variant, 0, Path("runs"))
        compose("train", *part.settings(), *part.beginning(), *budget(3))


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", ["long"], indirect=True)
def test_what_may_help_long_videos_composes(benchmark: ModuleType) -> None:
    variants = import_module("comparison.variants")
    for subject in benchmark.MATERIAL:
        for way in benchmark.ways(Path("image.ckpt"), benchmark.LONGER[subject]).values():
            compose("train", *variants.COMMON, *variants.SUBJECTS[subject].settings, *(way.training or ()), "seed=0")
            compose("synthesize", "checkpoint=a", "source=b", "output=c", *way.synthesis)


@pytest.mark.parametrize("benchmark", ["ways.streams"], indirect=True)
def test_ways_whose_backend_is_not_installed_are_left_out_by_name(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def require(module: str, extra: str) -> ModuleType:
        if module == "openvino":
            raise MissingExtraError(f"install vid2vid[{extra}]")
        return import_module("json")

    monkeypatch.setattr(benchmark, "require", require)
    monkeypatch.setattr(benchmark, "computes_in_bfloat16", lambda _: False)
    found = [str(way) for way in benchmark.possible(benchmark.WAYS)]
    names = ["torch float32, convolutions", "torch float32", "onnxruntime float32", "torch float32, compiled"]
    assert found == names
    told = capsys.readouterr().out
    assert "left out, openvino float32: install vid2vid[openvino]" in told
    assert "left out, torch bfloat16: this processor has no instructions for bfloat16" in told


@pytest.mark.parametrize("benchmark", ["ways.report"], indirect=True)
def test_a_row_has_a_cell_for_each_column(benchmark: ModuleType) -> None:
    row = benchmark.Row("training", "demo", "128x64", 1, "float32", 1.0, 2.0, 3.0, {30: 41.25})
    assert str(row) == "| training | demo | 128x64 | 1 | float32 | 1.00 | 2.00 | 3.00 |  | 41.2 |  |  |  |"
    assert str(row).count("|") == benchmark.line(benchmark.HEAD).count("|")


@pytest.mark.parametrize("benchmark", ["practices"], indirect=True)
def test_practices_are_compared_seed_by_seed_and_street_by_street(benchmark: ModuleType) -> None:
    assert {*benchmark.TIMED} < {*benchmark.PRACTICES["practices"].variants}

    def metrics(name: str, psnr: list[float | None], frechet: float) -> dict[str, Any]:
        values = [value for value in psnr if value is not None]
        found = {**dict.fromkeys(benchmark.MEASURES, frechet), "psnr": sum(values) / len(values)}
        return {name: found, "per_clip": {name: {"psnr": psnr}}}

    # the second seed of the practice has not ended yet, the third street has no value
    base = {0: metrics("demo", [20, 30, 40], 1.0), 1: metrics("demo", [90, 90, 90], 3.0)}
    seeds = {0: metrics("hinge", [22, 31, None], 0.5)}
    first, other = (benchmark.row(name, found, "demo", base) for name, found in (("demo", base), ("hinge", seeds)))
    assert first["figures"]["psnr"] == {"value": 60, "each": [30, 90]}
    figure = other["figures"]["psnr"]
    assert figure["difference"] == 1.5
    assert figure["interval"] == (1, 2)
    lines = list(benchmark.table([{**first, "batches": 8}, {**other, "batches": 9}], {"detail": 1.0}))
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| demo | 2 | 8 | 60.00 | 2.0000 |")
    assert lines[3].startswith("| hinge | 1 | 9 | 26.50; **+1.50 (+1.00 to +2.00)** | 0.5000; -0.5000 (-0.5000) |")
    assert lines[4].startswith("| real |  |  |  |")


@pytest.mark.parametrize("benchmark", ["limit_studies.turning"], indirect=True)
def test_cars_are_measured_by_how_fast_they_turn(benchmark: ModuleType) -> None:
    rates = benchmark.yaw_rates([{"26001": 3.1}, {"26001": -3.1, "26002": 0.0}, {"26002": 0.0}], 10.0)
    assert rates == [{}, {26001: pytest.approx(47.66, abs=0.01)}, {26002: 0.0}]
    random = torch.Generator().manual_seed(0)
    real = torch.rand(3, 3, 32, 64, generator=random) * 2 - 1
    instance, labels = torch.zeros(3, 32, 64), torch.zeros(3, 32, 64, dtype=torch.long)
    instance[:, 8:20, 10:24], instance[:, 8:20, 40:60] = 26001, 26002
    labels[instance > 0] = 1
    measures = benchmark.CarMeasures(lambda images: torch.ones(1, 32, 64, dtype=torch.long), 2)
    wrong = torch.where(instance[:, None] == 26001, torch.rand(real.shape, generator=random) * 2 - 1, real)
    clips = [measures.clip(video, real, labels, instance, rates) for video in (real, wrong)]
    same, other = ({name: torch.stack([each, each]) for name, each in clip.items()} for clip in clips)
    rows = {(row["model"], row["bin"], row["measure"]): row for row in benchmark.figures({"a": [same], "b": [other]})}
    fast, straight = "45 °/s and more", "straight on"
    # of the 16 x 18 pixels around the car 12 x 14 are the car's, and all are taken for it
    wanted = [0, 1, 168 / 288 / 2, 0]
    assert [rows["a", fast, name]["value"] for name in benchmark.MEASURES] == pytest.approx(wanted, abs=1e-6)
    assert rows["b", fast, "perceptual"]["difference"] > 0.1
    assert abs(rows["b", fast, "edges"]["value"]) < 0.4
    assert rows["b", straight, "edges"]["value"] == pytest.approx(1)
    lines = list(benchmark.table([*rows.values()], [0, 2, 2]))
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.parametrize("benchmark", ["limit_studies.colours"], indirect=True)
def test_cars_are_hidden_for_the_time_of_a_gap_and_their_colours_compared(benchmark: ModuleType) -> None:
    rgb, ids = np.full((12, 20, 30, 3), 90, np.uint8), np.full((12, 20, 30), benchmark.ROAD, np.int32)
    ids[:, 5:15, 5:15] = car = 26_001
    rgb[:6, 5:15, 5:15], rgb[6:, 5:15, 5:15] = (200, 30, 30), (30, 30, 200)
    labels = np.where(ids == car, benchmark.CAR, benchmark.ROAD).astype(np.uint8)
    video = benchmark.Video(rgb, labels, ids)
    shown = benchmark.hidden(video, [car], slice(3, 6))
    assert (shown.labels[3:6] == benchmark.ROAD).all()
    assert (shown.ids[3:6] == benchmark.ROAD).all()
    assert (shown.ids[[0, 1, 2, *range(6, 12)]] == ids[0]).all()
    assert (video.ids == ids).all()
    colours = benchmark.car_colours(video.real, video)
    assert [list(each) for each in colours] == [[car]] * 12
    # from red to blue
    seen = [*[{}] * (benchmark.SEEN - 3), *colours[:3], *[{}] * 2, *colours[6:9]]
    assert benchmark.change(seen, car, 2) > 100
    assert benchmark.change(seen[:-5] + [{}] * 2 + colours[:3], car, 2) == 0


@pytest.mark.parametrize("benchmark", ["limit_studies.colours"], indirect=True)
def test_means_over_cars_are_weighted_by_their_number(benchmark: ModuleType) -> None:
    # the real video, two trainings without a memory, two with one; three streets
    cars = torch.tensor([1.0, 2.0, 3.0])
    means = torch.tensor([[1.0, 1, 1], [9, 9, 9], [11, 11, 11], [2, 2, 2], [4, 4, 10]])
    row = benchmark.figures(torch.stack([means * cars, cars.expand(5, 3)], -1).double())
    assert (row["cars"], row["real"]["value"], row["without"]["value"]) == (6, 1.0, 10.0)
    assert row["memory"]["each"] == [2.0, 7.0]
    assert row["difference"] == 4.5 - 10
    # now and then one training is drawn twice
    assert row["without"]["interval"] == [9.0, 11.0]
    low, high = row["memory"]["interval"]
    assert low == 2 < 4.5 < high <= 10
    # both trainings of a seed are drawn together: -7, and -7, -7, -1
    assert row["difference_interval"][0] == -7
    assert (row["ratio"], row["ratio_interval"]) == (4.5, [low, high])
    assert "| x | 6 | 1.0 (1.0 to 1.0) | 10.0 (9.0 to 11.0) |" in "\n".join(benchmark.table({"x": row}))


@pytest.mark.parametrize("benchmark", ["limit_studies.long_street"], indirect=True)
def test_a_long_street_is_measured_beside_a_synthesis_that_begins_anew(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = {"FRAMES": 16, "ANEW": 8, "BLOCK": 4, "EARLY": range(4, 8), "LATE": range(12, 16)}
    for name, value in {**short, "LATE_BLOCK": 2, "SHOWN": (1, 15), "PERCEPTUAL_EVERY": 2}.items():
        monkeypatch.setattr(benchmark, name, value)
    condition = replace(street_condition(), planes=[replace(PLANES["motion"], optional=0.5)], instance_edges=True)
    size = {"base_channels": 4, "blocks": 2, "scales": 1, "object_memory": True}
    module = Vid2VidModule(condition, generator=size)
    source = RenderedStreet(0, 16, 32, 64, 10)
    measured = benchmark.Measured(1)
    painted = benchmark.mean_colours(module, 32, 64, 2)
    rows = benchmark.measure_street(module, source, painted, measured, 0)
    # all ways and the real video below the labels
    assert [(name, len(pictures)) for name, pictures in rows.items()] == [
        (name, 2) for name in ("labels", "colours left to F", "labels and ids", "with motion", "real")
    ]
    np.testing.assert_array_equal(rows["with motion"][0], rows["real"][0])  # given
    results = measured.results()
    for name, first in (("with motion", 2), ("with motion, from 8", 8)):
        assert list(np.isnan(results["psnr"][name])) == [True] * first + [False] * (16 - first)
    lines = list(benchmark.table(results, measured))
    assert {line.count("|") for line in lines} == {8}
    assert not any("nan" in line for line in lines)


@pytest.mark.parametrize("benchmark", ["limit_studies.long_street"], indirect=True)
def test_a_trend_is_told_from_chance(benchmark: ModuleType) -> None:
    blocks = np.arange(19) * 0.1 + np.resize([0.01, -0.01], 19)
    assert benchmark.trend(blocks, 2).startswith("**+1.00 (")
    assert benchmark.trend(np.resize([1.0, -1.0], 19), 2).startswith("+0.00 (-")


@pytest.mark.parametrize("benchmark", ["tracks"], indirect=True)
def test_objects_that_are_followed_are_compared_with_the_true_ones(benchmark: ModuleType) -> None:
    pytest.importorskip("motmetrics")
    true = benchmark.idf1(range(1, 2), 4, (32, 64), lambda tracks, frame, index: frame.instance)
    assert true == {"idf1": 1, "idp": 1, "idr": 1, "num_switches": 0}
    told = benchmark.idf1(range(1, 2), 4, (32, 64), benchmark.by_objects)
    assert benchmark.idf1(range(1, 2), 4, (32, 64), benchmark.by_areas)["idf1"] < told["idf1"] <= 1


@pytest.mark.parametrize("benchmark", ["limit_studies.edits"], indirect=True)
def test_a_user_edits_streets_that_are_built_so(
    benchmark: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "FRAMES", 2)
    street = benchmark.Edited.of(tmp_path, 0)
    assert len(list(tmp_path.iterdir())) == 4
    for case in benchmark.CASES:
        before, exact, drawn = (street.videos[street.names[case, version]] for version in benchmark.VERSIONS)
        np.testing.assert_array_equal(drawn.rgb, exact.rgb)
        elsewhere = ~street.zones[case]
        assert street.marks[case][drawn.labels != before.labels].all()
        assert not street.marks[case][elsewhere].all()
        assert 0.02 < elsewhere.mean() < 0.98
        np.testing.assert_array_equal(drawn.labels[elsewhere], exact.labels[elsewhere])
        np.testing.assert_array_equal(before.labels[elsewhere], exact.labels[elsewhere])
        assert (drawn.labels != exact.labels).mean() > 0.002
        assert not (drawn.labels[..., 0] == 0).any()
    assert not (street.videos["cars removed"].labels == benchmark.CAR).any()
    assert not (street.videos["houses to trees"].labels == benchmark.BUILDING).any()


@pytest.mark.parametrize("benchmark", ["limit_studies.edits"], indirect=True)
def test_where_labels_are_marked_f_may_see_coarser_ones(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.random.default_rng(0).integers(7, 9, (1, 32, 32)).astype(np.uint8)
    video = benchmark.Video(np.zeros((1, 32, 32, 3), np.uint8), labels, labels.astype(np.int32))
    marks = np.zeros(labels.shape, np.float32)
    marks[:, :, :16] = 1
    monkeypatch.setattr(benchmark, "synthesised", lambda module, video, given, marks: video)
    module = SimpleNamespace(condition=SimpleNamespace(planes=()))
    for variant in (benchmark.COARSE, "labels"):
        part = benchmark.Part("edits", variant, 0, Path("runs"))
        seen = benchmark.Trained(part).synthesised(module, video, marks)
        np.testing.assert_array_equal(seen.labels[marks == 0], labels[marks == 0])
        np.testing.assert_array_equal(seen.ids, seen.labels)
        assert (seen.labels != labels).any() == (variant == benchmark.COARSE)
        assert benchmark.Trained(part).synthesised(module, video, None) is video


@pytest.mark.parametrize("benchmark", ["limit_studies.edits"], indirect=True)
def test_what_an_edit_loses_is_compared_on_the_same_streets(
    benchmark: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "FRAMES", 2)
    monkeypatch.setattr(benchmark, "BEGUN", 1)
    streets = [benchmark.Edited.of(tmp_path, number) for number in range(1)]
    measures = benchmark.EditMeasures(lambda images: torch.zeros(len(images), 64, 128, dtype=torch.long), 9)
    clips: dict[str, list[dict[str, torch.Tensor]]] = {"labels": [], "blurred": []}
    for street in streets:
        labels = {name: torch.zeros(2, 64, 128, dtype=torch.long) for name in street.videos}
        real = {name: video.real for name, video in street.videos.items()}
        # only what was drawn by hand is blurred
        blurred = {name: each * (0.5 if name in benchmark.CASES else 1) for name, each in real.items()}
        for recipe, fakes in (("labels", real), ("blurred", blurred)):
            clips[recipe].append(measures.street(street, fakes, labels))
    monkeypatch.setattr(benchmark, "MEASURES", {name: benchmark.MEASURES[name] for name in ("perceptual", "miou")})
    stacked = {
        recipe: [{name: torch.stack([each[name] for each in rows]) for name in benchmark.MEASURES}]
        for recipe, rows in clips.items()
    }
    rows = {
        tuple(row[key] for key in ("recipe", "case", "version", "zone", "measure")): row
        for row in benchmark.figures(stacked)
    }
    for case in (*benchmark.CASES, "all edits"):
        assert rows["labels", case, "lost", "edited", "perceptual"]["value"] == pytest.approx(0)
        row = rows["blurred", case, "lost", "edited", "perceptual"]
        assert 0 < row["difference_interval"][0] <= row["value"] == pytest.approx(row["difference"])
        assert rows["blurred", case, "lost", "edited", "miou"]["value"] == pytest.approx(0)
    assert rows["blurred", *benchmark.WHOLE, "perceptual"]["difference"] == pytest.approx(0)
    lines = list(benchmark.tables([*rows.values()]))
    assert len({line.count("|") for line in lines if line}) == 1


@pytest.mark.parametrize("benchmark", ["limit_studies.label_encoder"], indirect=True)
def test_an_encoder_of_labels_brings_boxes_to_the_shapes_that_it_has_seen(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    # less sure of what is given, it learns faster
    monkeypatch.setattr(benchmark, "_SURE", 1.0)
    monkeypatch.setattr(benchmark, "_BATCH", 4)
    # roofs of 2, always twice as wide as high, on ground of 1
    labels = np.zeros((12, 32, 64), np.uint8)
    labels[:, 24:] = 1
    ids = labels.astype(np.int32)
    random, (rows, columns) = np.random.default_rng(0), np.indices((32, 64))
    for label, own in zip(labels, ids, strict=True):
        for number, left in enumerate((random.integers(2, 14), random.integers(34, 46))):
            roof = (rows < 24) & (np.abs(columns - left - 8) < rows - 12)
            label[roof], own[roof] = 2, 2000 + number
    torch.manual_seed(0)
    encoder = benchmark.LabelEncoder(3, channels=4).eval()
    np.testing.assert_array_equal(encoder.refined(labels[0], ids[0])[0], labels[0])
    sketches = AugmentConfig(sketch_objects=1.0)
    benchmark.train_encoder(encoder, labels, ids, 40, sketches)
    errors = np.zeros(2)
    for label, own in zip(labels, ids, strict=True):
        rough = benchmark.roughened(label, own, sketches, random)
        np.testing.assert_array_equal(rough[0] == 2, rough[1] >= 2000)
        found, objects = encoder.refined(*rough)
        assert {*np.unique(objects)} <= {0, 1, 2000, 2001}
        errors += [(each != label).mean() for each in (rough[0], found)]
    assert errors[1] < 0.8 * errors[0]


@pytest.mark.parametrize("benchmark", ["limit_studies.label_encoder"], indirect=True)
def test_an_encoder_of_labels_takes_only_labels_that_are_near(benchmark: ModuleType) -> None:
    encoder = benchmark.LabelEncoder(3, channels=4).eval()
    torch.nn.init.constant_(encoder.network.head.bias[2:], 100.0)
    labels = np.zeros((30, 40), np.uint8)
    labels[10:15, 10:20] = 2
    found, ids = encoder.refined(labels, labels.astype(np.int32))
    # a tenth of the height
    wanted = np.zeros_like(labels)
    wanted[7:18, 7:23] = 2
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(ids, wanted)


@pytest.mark.parametrize("benchmark", ["comparison.model_order"], indirect=True)
def test_measures_order_models_as_their_videos_were_spoilt(benchmark: ModuleType, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    folders = {name: tmp_path / name for name in ("worse", "better", benchmark.REAL)}
    for video in "ab":
        still = cv2.resize(draw.integers(40, 215, (8, 8, 3), np.uint8), (48, 48))
        for t in range(11):
            frame = np.roll(still, t, axis=1)
            for name, deviation in (("worse", 30), ("better", 3), (benchmark.REAL, 0)):
                spoilt = frame + deviation * draw.standard_normal(frame.shape)
                (folders[name] / video).mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(folders[name] / video / f"{t}.png"), spoilt.clip(0, 255).astype(np.uint8))
    rows = {row.title: row for row in benchmark.rows(folders, 5, {"energy": video_network("motion_energy")}, 5)}
    for title in ("PSNR dB ↑", "energy: Fréchet ↓", "energy: MMD ↓"):
        row = rows[title]
        assert row.order(["worse", "better"]) == "better > worse"
        assert row.agrees([["better"], ["worse"]]) == "yes"
        assert row.agrees([["worse"], ["better"]]) == "no"
        assert row.agrees([["worse", "better"]]) == "yes"
    # two videos of two whole parts each; the eleventh frames are left over
    assert len(rows["PSNR dB ↑"].figures["better"].clips) == 4
    (head, _, line) = benchmark.table(["worse", "better"], [rows["PSNR dB ↑"]], [["better"], ["worse"]])
    assert head == "| measure | worse | better | real | order | as the eye |"
    assert line.startswith("| PSNR dB ↑ | 1")
    assert line.endswith("|  | better > worse | yes |")
