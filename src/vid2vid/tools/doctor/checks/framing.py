"""The size at which a training would see the frames."""

from collections.abc import Iterator

from vid2vid.tools.doctor.finding import Finding, error, note, place, warning
from vid2vid.tools.doctor.study import Case, Study

_STRETCH = 1.01
_MUCH_STRETCH = 1.05
_ENLARGED = 1.1
_RATE = 1.05


def stretched(case: Case) -> Iterator[Finding]:
    """Find frames whose proportions change.

    Raises:
        DataError: The crop does not lie inside the frames.
    """
    target, crop_resize = case.parts.get("target"), case.study.crop_resize
    if target is None or not crop_resize.height or crop_resize.fit != "stretch":
        return
    top, left, bottom, right = crop_resize.box(*target.size)
    ratio = (crop_resize.width / crop_resize.height) / ((right - left) / (bottom - top))
    factor = max(ratio, 1 / ratio)
    if factor > _STRETCH:
        yield (warning if factor > _MUCH_STRETCH else note)(
            place(target.path),
            f"{right - left} x {bottom - top} becomes {crop_resize.width} x {crop_resize.height}, which makes "
            f"everything {factor:.2f} times {'wider' if ratio > 1 else 'higher'} than it is.",
            "data.fit=crop takes the middle, data.fit=pad adds a border, data.crop takes a part that you choose.",
        )


def enlarged(case: Case) -> Iterator[Finding]:
    """Find frames that are made larger than they are in the file.

    Raises:
        DataError: The crop does not lie inside the frames.
    """
    target, crop_resize = case.parts.get("target"), case.study.crop_resize
    if target is None or not crop_resize.height:
        return
    top, left, bottom, right = crop_resize.box(*target.size)
    factor = max(crop_resize.height / (bottom - top), crop_resize.width / (right - left))
    if factor > _ENLARGED:
        yield warning(
            place(target.path),
            f"{right - left} x {bottom - top} becomes {crop_resize.width} x {crop_resize.height}: the frames are "
            f"enlarged {factor:.1f} times, and F learns to make blurred pictures.",
            "Set data.height and data.width to the size of the files or below, or find larger files.",
        )


def network_sizes(study: Study) -> Iterator[Finding]:
    """Compare the sizes of the frames with what F can work on."""
    multiple = study.generator.multiple
    for (height, width), case in _sizes(study).items():
        where = place(case.sequence.target)
        if min(height, width) <= multiple:
            yield error(
                where,
                f"frames of {width} x {height} are too small for F, which needs more than {multiple} pixels a side.",
                "Set data.height and data.width higher, or generator.downsamples or generator.scales lower.",
            )
        elif height % multiple or width % multiple:
            nearest = [max(multiple, round(side / multiple) * multiple) for side in (height, width)]
            yield note(
                where,
                f"frames of {width} x {height} are padded inside F to multiples of {multiple}, which costs time.",
                f"data.height={nearest[0]} data.width={nearest[1]} data.fit=crop would fit.",
            )


def different_sizes(study: Study) -> Iterator[Finding]:
    """Find sequences whose frames could not be in one batch."""
    sizes = _sizes(study)
    if len(sizes) < 2:
        return
    listed = ", ".join(f"{width} x {height} ({case.sequence.name})" for (height, width), case in sizes.items())
    grade = error if study.loader.batch_size > 1 else note
    yield grade(
        study.where,
        f"the frames have {len(sizes)} sizes: {listed}.",
        "Set data.height and data.width to bring them to one size (data.fit=crop keeps proportions), or set "
        "data.batch_size=1.",
    )


def different_rates(study: Study) -> Iterator[Finding]:
    """Find out whether all sequences run at one frame rate: the same motion is faster with fewer frames."""
    rates = {case.parts["target"].fps: case for case in study.cases if "target" in case.parts}
    rates = {fps: case for fps, case in rates.items() if fps}
    if rates and max(rates) > _RATE * min(rates):
        listed = ", ".join(f"{fps:g} ({case.sequence.name})" for fps, case in sorted(rates.items()))
        yield warning(
            study.where,
            f"the videos run at different rates, in frames a second: {listed}.",
            "The same motion looks faster in some of them. Bring all to one rate, e.g. by ffmpeg -r.",
        )


def _sizes(study: Study) -> dict[tuple[int, int], Case]:
    """Return each size at which frames are seen, with the first sequence that has it."""
    sizes: dict[tuple[int, int], Case] = {}
    for case in study.cases:
        target = case.parts.get("target")
        if target is not None:
            sizes.setdefault(study.crop_resize.size(*target.size), case)
    return sizes
