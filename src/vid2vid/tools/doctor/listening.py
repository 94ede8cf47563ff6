"""What is left out of a data set with a warning, while it is listed, is heard by the doctor."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from vid2vid.errors import Vid2VidError
from vid2vid.tools.doctor.finding import Finding, Ledger, place_and_rest

_LOGGER = "vid2vid.data"
_WHERE = "the data set"


@contextmanager
def listening(ledger: Ledger, severity: str) -> Iterator[None]:
    """Make findings of the warnings that the data's own code gives, in place of showing them.

    Args:
        ledger: Where the findings go.
        severity: How grave it is that a sequence was left out.
    """
    logger, listener = logging.getLogger(_LOGGER), _Listener(ledger, severity)
    before = logger.propagate
    logger.addHandler(listener)
    logger.propagate = False
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(listener)


class _Listener(logging.Handler):
    def __init__(self, ledger: Ledger, severity: str) -> None:
        super().__init__(logging.WARNING)
        self._ledger = ledger
        self._severity = severity

    def emit(self, record: logging.LogRecord) -> None:
        causes = [str(argument) for argument in record.args or () if isinstance(argument, Vid2VidError)]
        for cause in causes:
            self._ledger.add(Finding(self._severity, *place_and_rest(cause, _WHERE)), "left_out")
        if not causes:
            self._ledger.add(Finding("warning", *place_and_rest(record.getMessage(), _WHERE)), "listing")
