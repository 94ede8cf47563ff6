"""Jobs are done by this process or by others, and an error ends the work."""

import pytest

from vid2vid.data.processes import in_processes, usable_cpus


def test_each_job_comes_with_its_result() -> None:
    assert list(in_processes(abs, [-1, 2], workers=1)) == [(-1, 1), (2, 2)]
    assert list(in_processes(abs, [-1], workers=8)) == [(-1, 1)]
    assert list(in_processes(abs, [], workers=8)) == []
    assert sorted(in_processes(abs, [-1, 2, -3], workers=2)) == [(-3, 3), (-1, 1), (2, 2)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_job_is_raised(workers: int) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(in_processes(int, ["one", "4"], workers))


def test_some_processor_may_be_used() -> None:
    assert usable_cpus() >= 1
