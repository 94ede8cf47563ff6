"""Counts and latencies."""

from collections import Counter

from vid2vid.live import LiveFigures


def test_they_are_told_in_a_line() -> None:
    figures = LiveFigures(frames=30, dropped=10)
    for index in range(20):
        figures.add(0.5 if index == 19 else 0.1, index / 10)
    assert str(figures) == "30 frames in, 20 drawn, 10 dropped; latency p50 100 ms, p95 100 ms; 10.0 frames/s"
    assert figures.latency(1) == 500
    assert figures.latencies == Counter({100: 19, 500: 1})


def test_nothing_has_figures_too() -> None:
    assert str(LiveFigures()).endswith("latency p50 0 ms, p95 0 ms; 0.0 frames/s")
