"""What the page needs to know: the models, what can be painted, chosen and uploaded, and the video."""

from dataclasses import asdict

from vid2vid.config.studio import StudioConfig
from vid2vid.errors import ConfigError
from vid2vid.studio.session import Session
from vid2vid.studio.timeline import StudioModel
from vid2vid.studio.uploads import Uploads
from vid2vid.synthesis import Synthesizer
from vid2vid.synthesis.rendered_street import RenderedStreet, can_be_rendered
from vid2vid.synthesis.styles import StyleBook
from vid2vid.video.images import FOLDER_FPS

StyleFacts = dict[str, dict[str, list[list[float]] | list[float]]]


def style_facts(model: StudioModel, config: StudioConfig) -> StyleFacts:
    """Return the styles of each class: the average one, the kinds, and the range of each feature.

    Without ``styles=`` there are no kinds, and a feature may be anything in [-1, 1]; with it classes of which no object
    was found are left out. A model without an encoder has no styles.

    Raises:
        ConfigError: The styles are those of another model, or it has none.
        DataError: They cannot be read.
    """
    if not isinstance(model.synthesizer, Synthesizer):
        if config.styles:
            raise ConfigError(f"styles: {model.name} has no encoder of styles; leave styles out.")
        return {}
    module, condition = model.synthesizer.module, model.condition
    generator = module.synthesis_generator
    if config.styles is None:
        if generator.styles is None:
            return {}
        mean = generator.styles.mean.table.tolist()
        whole = [[-1.0] * len(mean[0]), [1.0] * len(mean[0])]
        styles = [{"mean": row, "kinds": [], "range": whole} for row in mean]
        return dict(zip(condition.class_names, styles, strict=True))
    generator.require_encoder()
    book = StyleBook.load(config.styles)
    book.require_fit(module)
    ranges = book.ranges().tolist()
    return {
        label: {
            "mean": book.mean[i].tolist(),
            "kinds": book.centres[i, book.sizes[i] > 0].tolist(),
            "range": ranges[i],
        }
        for i, label in enumerate(book.labels)
        if book.objects[i]
    }


def page_facts(session: Session, uploads: Uploads, styles: StyleFacts) -> dict[str, object]:
    """Return everything that the page needs to know of a session."""
    condition, video, config = session.models[0].condition, session.video, session.config
    facts: dict[str, object] = {
        "models": [{"name": model.name, "inside": list(model.inside)} for model in session.models],
        "kind": condition.kind,
        "brushes": session.brushes,
        "objects": condition.needs_instances,
        "planes": [],
        "streets": can_be_rendered(condition),
        "street": False,
        "styles": styles,
        "upload_mb": config.upload_mb,
        "most": config.frames,
        "parts": [asdict(part) for part in uploads.parts.values()],
        # seconds that a camera may record; 0: the condition cannot be made from its pictures
        "record": config.frames / FOLDER_FPS if session.takes_recordings else 0,
        "frames": 0,
    }
    if video is not None:
        height, width = video.size
        facts |= {"frames": video.length, "height": height, "width": width, "fps": video.fps}
        # painting does not change the other planes
        following = {plane.name for plane in condition.planes if plane.is_motion or plane.is_marks}
        facts |= {"planes": [name for name in video.known_planes(condition.planes) if name not in following]}
        facts |= {"given": session.timelines[0].given, "seed": session.settings.seed}
        facts |= {"street": isinstance(video.inputs.source, RenderedStreet)}
    return facts


def edit_facts(session: Session) -> dict[str, object]:
    """Return the edits of a session, the painted pixels aside, as the page has sent them."""
    layers = [carried.layer for _, carried in sorted(session.edits.layers.items())]
    return {
        "lines": session.edits.lines,
        "objects": [asdict(change) for change in session.edits.objects],
        "style": session.style_classes,
        "layers": [{name: getattr(layer, name) for name in ("frame", "carry", "first", "last")} for layer in layers],
    }
