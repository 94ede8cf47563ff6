"""The shipped model at 64 x 128, and a studio that serves it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import torch

from vid2vid.config import SynthesisConfig
from vid2vid.config.studio import StudioConfig
from vid2vid.studio.server import Studio
from vid2vid.studio.serving import listening_socket
from vid2vid.studio.session import Session
from vid2vid.studio.timeline import StudioModel
from vid2vid.training import Vid2VidModule, load

HEIGHT, WIDTH = 64, 128


@pytest.fixture(scope="session")
def street() -> StudioModel:
    """The model that comes with vid2vid."""
    with pytest.MonkeyPatch.context() as patch:
        # frames are compared with those of other processes
        patch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
        return StudioModel("street", load(Path("street"), Vid2VidModule))


@pytest.fixture(scope="session")
def config() -> StudioConfig:
    """Short videos of small frames."""
    checkpoint = Path("street")
    return StudioConfig(checkpoint, seed=3, frames=102, height=HEIGHT, width=WIDTH, fps=100, precision="32", visitors=3)


@pytest.fixture
def session(street: StudioModel, config: StudioConfig) -> Iterator[Session]:
    """A session with a new street of 12 frames of 32 x 64."""
    begun = Session([street], config)
    begun.open(SynthesisConfig(checkpoint=config.checkpoint, output="", seed=3, frames=12, height=32, width=64))
    yield begun
    begun.close()


@pytest.fixture(scope="session")
def make() -> Callable[[Session, int], bytes]:
    """Makes a frame of a session, and returns its PNG."""

    def frame_of(session: Session, frame: int) -> bytes:
        (timeline,) = session.timelines
        while frame not in timeline.frames:
            session.step_towards(timeline, frame)
        return timeline.frames[frame]

    return frame_of


@pytest.fixture(scope="session")
def serve() -> Callable[[Studio], AbstractContextManager[str]]:
    """Serves a studio at an address, in a thread."""
    import uvicorn

    @contextmanager
    def serving(studio: Studio) -> Iterator[str]:
        listening = listening_socket("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(studio.app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()

    return serving


@pytest.fixture(scope="session")
def address(
    street: StudioModel, config: StudioConfig, serve: Callable[[Studio], AbstractContextManager[str]]
) -> Iterator[str]:
    """The address of a studio that is being served."""
    with serve(Studio([street], config)) as served:
        yield served
