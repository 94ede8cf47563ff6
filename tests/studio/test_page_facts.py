"""What the page is told of a session, of its edits and of styles."""

from collections.abc import Callable

import numpy as np

from vid2vid.config.studio import StudioConfig
from vid2vid.studio.carrying import Layer
from vid2vid.studio.page_facts import edit_facts, page_facts, style_facts
from vid2vid.studio.painted_edits import ObjectChange
from vid2vid.studio.session import Session
from vid2vid.studio.timeline import StudioModel
from vid2vid.studio.uploads import Uploads
from vid2vid.training import Vid2VidModule


def test_a_session_is_described(session: Session, street: StudioModel, config: StudioConfig) -> None:
    facts = page_facts(session, Uploads(street, config), {})
    assert (facts["frames"], facts["height"], facts["width"], facts["given"], facts["seed"]) == (12, 32, 64, 2, 3)
    assert facts["street"] is facts["streets"] is facts["objects"] is True
    assert (facts["planes"], facts["record"]) == ([], 0)
    empty = Session([street], config)
    nothing = page_facts(empty, Uploads(street, config), {})
    empty.close()
    assert (nothing["frames"], nothing["street"]) == (0, False)


def test_edits_are_told_as_they_were_made(session: Session) -> None:
    size = session.opened.size
    layer = Layer(4, np.zeros(size, np.uint8), np.ones(size, bool), np.zeros(size, np.int32), "place", 3, 8)
    session.paint(layer, 4)
    session.set_rules(["building->vegetation"], [ObjectChange(7, 0, 0, 11)])
    assert edit_facts(session) == {
        "lines": ("building->vegetation",),
        "objects": [{"number": 7, "value": 0, "first": 0, "last": 11}],
        "style": {},
        "layers": [{"frame": 4, "carry": "place", "first": 3, "last": 8}],
    }


def test_without_a_file_features_may_be_anything(
    street: StudioModel, config: StudioConfig, small_module: Callable[..., Vid2VidModule]
) -> None:
    assert style_facts(street, config) == {}
    styled = StudioModel("styled", small_module(street.condition, encoder={"features": 2, "base_channels": 4}))
    styles = style_facts(styled, config)
    assert list(styles) == street.condition.label_names
    assert styles["car"] == {"mean": [0, 0], "kinds": [], "range": [[-1, -1], [1, 1]]}
