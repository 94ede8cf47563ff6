"""Signals that ask a run to stop: they are remembered, and the second Ctrl-C does not wait."""

import signal
import threading

import pytest

from vid2vid.training.stop_signal import SIGNALS, StopSignal


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_remembered_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = [signal.getsignal(one) for one in SIGNALS]
    with StopSignal().listening() as stop:
        assert stop.number == 0
        signal.raise_signal(number)
        assert stop.number == number
    assert [signal.getsignal(one) for one in SIGNALS] == before


def test_the_second_interrupt_ends_the_program() -> None:
    with StopSignal().listening() as stop:
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert stop.number == signal.SIGTERM


def test_other_threads_leave_the_handlers_alone() -> None:
    before, inside = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with StopSignal().listening():
            inside.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert inside == [before]
    assert signal.getsignal(signal.SIGINT) is before
