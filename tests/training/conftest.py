"""What the tests of training share."""

import gc

import pytest


@pytest.fixture(autouse=True, scope="module")
def _collected() -> None:
    """Let go of what earlier tests have left: loader workers are forked, and a decoder with threads must not be.

    A worker that frees such a decoder, whose threads it does not have, crashes.
    """
    gc.collect()
