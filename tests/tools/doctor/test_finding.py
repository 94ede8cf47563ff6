"""Findings are collected once, and errors of checks become findings."""

from pathlib import Path

import pytest

from vid2vid.errors import DataError
from vid2vid.tools.doctor import Finding
from vid2vid.tools.doctor.finding import Findings, count, error, listed, of_failure, place

ODD = Finding("warning", "b.mp4", "is odd.", check="oddities")


def test_files_are_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert place(tmp_path / "data" / "a.mp4", 3) == str(Path("data") / "a.mp4") + ", frame 3"
    assert place(Path("/elsewhere/a.mp4")) == "/elsewhere/a.mp4"


@pytest.mark.parametrize("name", ["a.mp4", "b: c/a.mp4", "b: c: d"])
def test_errors_name_the_file_that_they_are_about(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [tmp_path / "b", tmp_path / name]
    failure = of_failure(DataError(f"{tmp_path / name}: is bad: very."), "the sequence 'a'", paths)
    assert (failure.where, failure.what) == (name, "is bad: very.")
    inside = of_failure(DataError(f"{tmp_path / name / '3.png'}: is bad: very."), "the sequence 'a'", paths)
    assert (inside.where, inside.what) == (f"{name}/3.png", "is bad: very.")


def test_errors_about_no_known_file_stay_whole(tmp_path: Path) -> None:
    for message in ("data.crop=[1]: bad.", f"{tmp_path}: bad: very."):
        assert of_failure(DataError(message), "somewhere", [tmp_path / "a"]) == error("somewhere", message)


def test_a_check_that_fails_hides_no_other() -> None:
    def failing(subject: str) -> list[Finding]:
        raise DataError(f"{subject} cannot be read.")

    findings = Findings()
    findings.run(failing, "it", "here")
    findings.run(lambda subject: [ODD], "it", "here")
    findings.run(failing, "it", "here")
    assert [finding.check for finding in findings.all] == ["failing", "<lambda>"]
    assert findings.all[0] == Finding("error", "here", "it cannot be read.", check="failing")


def test_other_errors_are_not_swallowed() -> None:
    def wrong(subject: str) -> list[Finding]:
        raise ZeroDivisionError(subject)

    with pytest.raises(ZeroDivisionError):
        Findings().run(wrong, "it", "here")


def test_long_lists_are_cut_short() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert (count(1, "frame"), count(0, "frame"), count(3, "frame")) == ("1 frame", "0 frames", "3 frames")
