"""Keypoints as other programs write them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_formats import parse_lines, parse_list, parse_openpose, read_keypoints
from vid2vid.keypoints.keypoint_layout import BODY, FACE, LEFT_HAND, RIGHT_HAND
from vid2vid.keypoints.keypoint_sequence import Keypoints

FACE_LIST = [[100 + i, 50.5 - i] for i in range(68)]


def write(folder: Path, *texts: str, ending: str = ".json") -> Path:
    """Write a file for each frame, named 0, 1, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}{ending}").write_text(text)
    return folder


def numbers(count: int, start: float = 1) -> list[float]:
    """Return x, y and confidence of some points."""
    return [value for i in range(count) for value in (start + i, start + 2 * i, 0.5)]


def human(start: float = 1, body: int = 25, hands: bool = True) -> dict[str, Any]:
    """Return what OpenPose says of a person."""
    parts = {"pose_keypoints_2d": numbers(body, start), "pose_keypoints_3d": []}
    if hands:
        parts["hand_left_keypoints_2d"] = numbers(21, start + 100)
        parts["hand_right_keypoints_2d"] = numbers(21, start + 200)
        parts["face_keypoints_2d"] = numbers(70, start + 300)
    return parts


def document(*people: Any) -> str:  # noqa: ANN401 - also what must not stand there
    """Return OpenPose's output for a frame."""
    return json.dumps({"version": 1.3, "people": list(people)})


@pytest.mark.parametrize("separator", [",", " ", ", ", "\t"])
def test_lines_of_text(separator: str, tmp_path: Path) -> None:
    text = "\n".join(f"{x}{separator}{y}" for x, y in FACE_LIST)
    keypoints = read_keypoints(
        write(tmp_path, text, text + "\n\n", "\ufeff" + text.replace("\n", "\r\n"), ending=".txt")
    )
    assert keypoints.points.shape == (3, 1, 68, 3)
    assert (keypoints.size, keypoints.fps) == (None, 0)
    for frame in keypoints.points:
        assert np.array_equal(frame[0], [[x, y, 1] for x, y in FACE_LIST])


def test_lists_of_points_and_frames_without_a_face(tmp_path: Path) -> None:
    keypoints = read_keypoints(write(tmp_path, "[]", json.dumps(FACE_LIST), " [ ]\n"))
    assert keypoints.points.shape == (3, 1, 68, 3)
    assert np.array_equal(keypoints.points[1, 0], [[x, y, 1] for x, y in FACE_LIST])
    assert not keypoints.points[[0, 2]].any()


def test_files_are_taken_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 9, 100, 1):
        shifted = [[x + number, y] for x, y in FACE_LIST]
        (tmp_path / f"clip_{number}_keypoints.json").write_text(json.dumps(shifted))
    (tmp_path / ".0.json").write_text("hidden")
    (tmp_path / "1.png").write_bytes(b"a picture beside them")
    assert read_keypoints(tmp_path).points[:, 0, 0, 0].tolist() == [101, 109, 110, 200]


def test_openpose_parts_go_to_their_places(tmp_path: Path) -> None:
    points = read_keypoints(write(tmp_path, document(human()))).points
    assert points.shape == (1, 1, 137, 3)
    for part, start, count in ((BODY, 1, 25), (LEFT_HAND, 101, 21), (RIGHT_HAND, 201, 21), (FACE, 301, 70)):
        assert np.array_equal(points[0, 0, part].reshape(-1), np.array(numbers(count, start), np.float32))


def test_older_keys_and_missing_parts(tmp_path: Path) -> None:
    older = {name.removesuffix("_2d"): values for name, values in human().items()}
    points = read_keypoints(write(tmp_path / "older", document(older), document(human()))).points
    assert np.array_equal(points[0], points[1])
    missing: dict[str, dict[str, Any]] = {
        "without": {},
        "empty": {"hand_left_keypoints_2d": [], "face_keypoints_2d": None},
    }
    for name, hands in missing.items():
        points = read_keypoints(write(tmp_path / name, document({**human(hands=False), **hands}))).points
        assert points[0, 0, BODY, 2].all()
        assert not points[0, 0, BODY.stop :].any()


def test_bodies_of_18_points_get_the_middle_of_their_hips(tmp_path: Path) -> None:
    body = numbers(18)
    lame = list(body)
    lame[3 * 8 + 2] = 0  # the right hip
    points = read_keypoints(
        write(tmp_path, document({"pose_keypoints": body}), document({"pose_keypoints": lame}))
    ).points
    kept = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    assert np.array_equal(points[0, 0, kept].reshape(-1), np.array(body, np.float32))
    assert np.array_equal(points[0, 0, 8], (points[0, 0, 9] + points[0, 0, 12]) / 2)
    assert not points[0, 0, 19:].any()
    assert not points[1, 0, 8].any()


def test_there_is_a_row_for_each_of_the_most_people_in_a_frame(tmp_path: Path) -> None:
    nobody = {"pose_keypoints_2d": [0] * 75}
    folder = write(tmp_path, document(), document(human(1), nobody, human(500)), document(human(7)), document(nobody))
    points = read_keypoints(folder).points
    assert points.shape == (4, 2, 137, 3)
    assert (points[..., 2] > 0).any(axis=-1).tolist() == [[False, False], [True, True], [True, False], [False, False]]
    assert points[1, :, 0, 0].tolist() == [1, 500]
    assert not read_keypoints(write(tmp_path / "nobody", document(), document())).points.any()


def test_confidences_a_little_above_1_are_1() -> None:
    person = human()
    person["pose_keypoints_2d"][2] = 1.407
    assert parse_openpose(document(person))[0, 0, 2] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"people": [', "is not JSON, or damaged"),
        ("[1, 2", "is not JSON, or damaged"),
        ("", "is not JSON, or damaged"),
        ("[" * 100_000, "is not JSON, or damaged"),
        ("hello", "is not JSON, or damaged"),
        (json.dumps(FACE_LIST[:67]), "has 67 points, but a face has 68 points"),
        (json.dumps([*FACE_LIST[:67], [1]]), "the coordinates must be numbers"),
        (json.dumps([*FACE_LIST[:67], [1, "a"]]), "the coordinates must be numbers"),
        (json.dumps([*FACE_LIST[:67], [1, None]]), "the coordinates must be finite, but number 135 is not"),
        (json.dumps([*FACE_LIST[:67], [1, 1e300]]), "the coordinates must be finite"),
        (json.dumps([*FACE_LIST[:67], [1, 10**400]]), "the coordinates must be numbers"),
        (json.dumps([[*point, 1] for point in FACE_LIST]), r"each point must be two numbers, \[x, y\]"),
        (json.dumps([0] * 68), r"each point must be two numbers, \[x, y\]"),
        ("7", "must hold a list of 68 points"),
        ("{}", 'must be an object with a list of "people"'),
        ('{"people": 3}', 'must be an object with a list of "people"'),
        (document(3), 'person 0 has no "pose_keypoints_2d"'),
        (document(human(), {}), 'person 1 has no "pose_keypoints_2d"'),
        (document(human(body=24)), "pose_keypoints of person 0 must be .* of 25 or 18 points, but has 72"),
        (
            document({**human(), "face_keypoints_2d": numbers(68)}),
            "face_keypoints of person 0 .* 70 points, but has 204",
        ),
        (document({**human(), "hand_left_keypoints_2d": [1, 2]}), "hand_left_keypoints of person 0 .* 21 points"),
        (document({**human(), "pose_keypoints_2d": "abc"}), "pose_keypoints of person 0 must be numbers"),
        (document({"pose_keypoints_2d": {"a": 1}}), "pose_keypoints of person 0 must be numbers"),
        (document({"pose_keypoints_2d": [float("nan")] * 75}), "pose_keypoints of person 0 must be finite"),
        (document({"pose_keypoints_2d": [[1] * 75]}), "pose_keypoints of person 0 must be a list"),
        (document({"pose_keypoints_2d": list(range(75))}), "confidences must lie in 0..1, but lie in 2..74"),
        (document({"pose_keypoints_2d": [1, 2, -1] * 25}), "but lie in -1..-1"),
    ],
)
def test_wrong_files_are_named(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message) as refused:
        read_keypoints(write(tmp_path, content))
    assert str(refused.value).startswith(f"{tmp_path / '0.json'}: ")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("12", "line 3 must hold two numbers, x and y, but is '12'"),
        ("1 2 3", "line 3 must hold two numbers, x and y, but is '1 2 3'"),
        ("a,b", "line 3 must hold two numbers"),
        ("nan,2", "the coordinates must be finite, but number 4 is not"),
        ("", "has 67 lines, but a face has 68 points"),
    ],
)
def test_wrong_lines_are_named(line: str, message: str, tmp_path: Path) -> None:
    lines = [f"{x},{y}" for x, y in FACE_LIST]
    lines[2] = line
    with pytest.raises(DataError, match=rf"0\.txt: {message}"):
        read_keypoints(write(tmp_path, "\n".join(lines), ending=".txt"))


def test_wrong_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing: there is no such file or folder"):
        read_keypoints(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: the folder holds no keypoints"):
        read_keypoints(tmp_path / "empty")
    mixed = write(tmp_path / "mixed", document(human()), json.dumps(FACE_LIST))
    with pytest.raises(DataError, match=r"1\.json: holds a list of \[x, y\], but 0\.json holds OpenPose's output"):
        read_keypoints(mixed)
    write(tmp_path / "both", *["\n".join(f"{x} {y}" for x, y in FACE_LIST)] * 2, ending=".txt")
    write(tmp_path / "both", json.dumps(FACE_LIST))
    with pytest.raises(DataError, match=r"0\.txt: holds lines of x and y, but 0\.json holds a list"):
        read_keypoints(tmp_path / "both")
    (tmp_path / "bytes").mkdir()
    (tmp_path / "bytes" / "0.txt").write_bytes(b"\xff\xfe\x80")
    with pytest.raises(DataError, match=r"0\.txt: cannot be read as text"):
        read_keypoints(tmp_path / "bytes")


def test_shares_of_the_frame_in_place_of_pixels_are_noticed(tmp_path: Path) -> None:
    person = {"pose_keypoints_2d": [0.3, 0.7, 0.9] * 25}
    with pytest.raises(DataError, match=r"all coordinates lie in -1\.\.1; pixels are needed"):
        read_keypoints(write(tmp_path, document(person), document()))


def test_a_file_of_our_own_is_read_too(tmp_path: Path) -> None:
    points: NDArray[np.float32] = np.random.default_rng(0).random((3, 2, 137, 3), np.float32)
    Keypoints(points, (7, 9), 24).save(tmp_path / "a.npz")
    loaded = read_keypoints(tmp_path / "a.npz")
    assert np.array_equal(loaded.points, points)
    assert loaded.size == (7, 9)


def test_damage_anywhere_is_an_error_of_ours_or_harmless() -> None:
    text = document(human(hands=False), human(300))
    random = np.random.default_rng(0)
    for place in random.integers(0, len(text), 300):
        damaged = text[:place] + str(random.choice(list('{}[],":0x-e. '))) + text[place + 1 :]
        try:
            points = parse_openpose(damaged)
        except DataError:
            continue
        assert points.shape[1:] == (137, 3)
        assert np.isfinite(points).all()


def test_real_files(samples: Path) -> None:
    (faces,) = (samples / "face" / "landmarks-dlib68").iterdir()
    points = read_keypoints(faces).points
    assert points.shape == (5, 1, 68, 3)
    assert points[0, 0, [0, 67]].tolist() == [[292, 136, 1], [349, 195, 1]]
    # from one frame to the next a face moves by some pixels
    assert 0 < np.abs(np.diff(points[..., :2], axis=0)).max() < 20
    (poses,) = (samples / "pose" / "poses-openpose").iterdir()
    points = read_keypoints(poses).points
    assert points.shape == (5, 1, 137, 3)
    np.testing.assert_allclose(points[0, 0, 0], [989.392, 409.487, 0.896952], rtol=1e-6)
    np.testing.assert_allclose(points[0, 0, 136], [989.857, 396.101, 0.625781], rtol=1e-6)
    assert not points[0, 0, 18].any()


def test_what_is_marked_as_missing_has_no_confidence() -> None:
    face = [[float(10 + i), float(20 + i)] for i in range(68)]
    lines = "\n".join(f"{x} {y}" for x, y in [[-1.0, -1.0], *face[1:]])
    (parsed,) = parse_lines(lines)
    assert parsed[0, 2] == 0
    assert (parsed[1:, 2] == 1).all()
    for nowhere in ([-1, -1], [0, 0], [-1.0, -1.0]):
        assert parse_list(json.dumps([nowhere] * 68)).shape == (0, 68, 3)
        assert parse_lines("\n".join(f"{nowhere[0]},{nowhere[1]}" for _ in range(68))).shape == (0, 68, 3)
    # a face that leaves the picture is one
    assert (parse_list(json.dumps([[x - 40, -2] for x, _ in face]))[..., 2] == 1).all()
