"""The report on a data set: verdict, text and JSON."""

import json
from pathlib import Path

import pytest

from vid2vid.tools.doctor import DoctorReport, Finding

BAD = Finding("error", "a.mp4", "is broken.", "Mend it.", "opening")
ODD = Finding("warning", "b.mp4", "is odd.", check="oddities")
SMALL = Finding("note", "the data set", "is small.", check="amount")


@pytest.mark.parametrize(
    ("findings", "status", "strict", "verdict"),
    [
        ([], 0, 0, "This data set can be trained on."),
        ([SMALL], 0, 0, "This data set can be trained on."),
        ([SMALL, ODD], 0, 2, "This data set can be trained on, but look at the 1 warning first."),
        ([BAD, ODD, SMALL], 2, 2, "This data set should not be trained on yet: 1 error, named above."),
    ],
)
def test_the_verdict_is_that_of_the_gravest(findings: list[Finding], status: int, strict: int, verdict: str) -> None:
    report = DoctorReport(findings)
    assert (report.status(), report.status(strict=True)) == (status, strict)
    assert report.verdict() == verdict
    assert report.text().splitlines()[-1] == verdict


def test_strictly_warnings_count() -> None:
    assert DoctorReport([ODD, BAD]).verdict(strict=True).endswith("yet: 1 error and 1 warning, named above.")
    assert DoctorReport([ODD]).verdict(strict=True).endswith("yet: 1 warning, named above.")


def test_the_gravest_come_first_and_many_alike_are_cut_short() -> None:
    many = [Finding("warning", f"{i}.mp4", "is odd.", "Look.", "oddities") for i in range(9)]
    text = DoctorReport([SMALL, *many, BAD], {"looked_at": {"frames": 3, "frames_in_all": 9, "sequences": 2}}).text()
    lines = text.splitlines()
    heads = [line for line in lines if line.isupper() or line.startswith(("ERRORS", "WARNINGS", "NOTES"))]
    assert heads == ["ERRORS (1)", "WARNINGS (9)", "NOTES (1)"]
    assert "  - a.mp4: is broken. → Mend it." in lines
    assert sum("is odd." in line for line in lines) == 3
    assert "    … and 6 more of the kind 'oddities', listed in doctor.json" in lines
    assert "Looked at 3 of 9 frames in 2 sequences." in lines
    assert max(map(len, lines)) <= 110


def test_programs_read_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "doctor.json"
    DoctorReport([BAD, ODD], {"clips_per_epoch": 3}).save(path, strict=True)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["format"] == "vid2vid-doctor-1"
    assert content["status"] == 2
    assert content["counts"] == {"error": 1, "warning": 1, "note": 0}
    assert content["clips_per_epoch"] == 3
    assert [Finding(**row) for row in content["findings"]] == [BAD, ODD]
