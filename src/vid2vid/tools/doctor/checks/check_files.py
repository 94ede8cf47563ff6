"""Checks of files: do those of a sequence belong together, are they read exactly, and at which size are they seen?"""

from collections.abc import Iterator

from vid2vid.errors import VideoError
from vid2vid.files import cache_folder
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence, ReadableSequence
from vid2vid.tools.doctor.finding import Finding, error, note, of_failure, place, warning
from vid2vid.video import cached_inspection, is_folder
from vid2vid.video.images import check_folder

_SAME_RATE = 0.01
_SIMILAR_RATE = 1.05
_STRETCH, _MUCH_STRETCH = 1.01, 1.05
_ENLARGED = 1.1


def file_lengths(sequence: CheckedSequence) -> Iterator[Finding]:
    """Compare how many frames the files of a sequence have."""
    entry, counts = sequence.entry, {file.path: file.frames for file in sequence.files.values()}
    if sequence.keypoints is not None:
        counts[entry.source] = len(sequence.keypoints)
    needed = entry.start + entry.frames
    # conditions of all of a video of which only a part is used
    fitting = (needed, counts.get(entry.target, needed))
    for path, frames in counts.items():
        if frames < needed or frames not in fitting:
            yield error(
                place(path),
                f"has {frames} frames, but {sequence.where} needs {needed}.",
                "Condition and target must show the same frames: export the file again, or shorten both to the frames "
                "that they share.",
            )


def file_sizes(sequence: ReadableSequence) -> Iterator[Finding]:
    """Compare the sizes of the pictures of a sequence."""
    target, sizes = sequence.files["target"], {file.path: file.size for file in sequence.files.values()}
    if sequence.keypoints is not None and sequence.keypoints.size is not None:
        sizes[sequence.entry.source] = sequence.keypoints.size
    for path, size in sizes.items():
        if size != target.size:
            yield error(
                place(path),
                f"is for pictures of {_size(size)} pixels, but {place(target.path)} has {_size(target.size)}.",
                "Condition and target must show the same part at the same size: export one of them again.",
            )


def frame_rates(sequence: ReadableSequence) -> Iterator[Finding]:
    """Compare the frame rates of the files of a sequence; folders have none."""
    target = sequence.files["target"]
    for file in sequence.files.values():
        if target.fps and file.fps and abs(file.fps - target.fps) > _SAME_RATE * target.fps:
            yield warning(
                place(file.path),
                f"has {file.fps:g} frames a second, but {place(target.path)} has {target.fps:g}.",
                "Frames are paired by their number, not by their time: if the condition was made at another rate, it "
                "belongs to other frames. Make it from the frames of the target itself.",
            )


def exact_reading(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find videos that are read from a copy, or not as they are meant.

    In folders all images are opened to compare their sizes, if all frames are examined.
    """
    for path in sorted({file.path for file in sequence.files.values()}):
        try:
            if is_folder(path):
                if sequence.whole:
                    check_folder(path)
                continue
            # the inspection that opened the file
            inspection = cached_inspection(path, cache_folder())
        except VideoError as failure:
            # the other files are still to be checked
            yield of_failure(failure, sequence.where, [path])
            continue
        if not inspection.exact:
            yield note(
                place(path),
                f"is read from a lossless copy in the cache: {inspection.reason}.",
                "The copy takes disk space and time; H.264 in .mp4 or .mkv, as ffmpeg writes it, needs no copy.",
            )
        for doubt in inspection.doubts:
            yield warning(place(path), f"{doubt}.")


def stretched(sequence: ReadableSequence) -> Iterator[Finding]:
    """Find frames whose proportions change.

    Raises:
        DataError: The crop does not lie inside the frames.
    """
    crop_resize = sequence.dataset.crop_resize
    if not crop_resize.height or crop_resize.fit != "stretch":
        return
    height, width = _used_size(sequence)
    ratio = (crop_resize.width / crop_resize.height) / (width / height)
    factor = max(ratio, 1 / ratio)
    if factor > _STRETCH:
        yield (warning if factor > _MUCH_STRETCH else note)(
            place(sequence.entry.target),
            f"{width} x {height} becomes {crop_resize.width} x {crop_resize.height}, which makes "
            f"everything {factor:.2f} times {'wider' if ratio > 1 else 'higher'} than it is.",
            "data.fit=crop takes the middle, data.fit=pad adds a border, data.crop takes a part that you choose.",
        )


def enlarged(sequence: ReadableSequence) -> Iterator[Finding]:
    """Find frames that are made larger than they are in the file.

    Raises:
        DataError: The crop does not lie inside the frames.
    """
    crop_resize = sequence.dataset.crop_resize
    if not crop_resize.height:
        return
    height, width = _used_size(sequence)
    factor = max(crop_resize.height / height, crop_resize.width / width)
    if factor > _ENLARGED:
        yield warning(
            place(sequence.entry.target),
            f"{width} x {height} becomes {crop_resize.width} x {crop_resize.height}: the frames are "
            f"enlarged {factor:.1f} times, and F learns to make blurred pictures.",
            "Set data.height and data.width to the size of the files or below, or find larger files.",
        )


def network_sizes(dataset: CheckedDataset) -> Iterator[Finding]:
    """Compare the sizes of the frames with those that F can process."""
    multiple = dataset.generator.multiple
    for (height, width), sequence in _training_sizes(dataset).items():
        where = place(sequence.entry.target)
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


def different_sizes(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find sequences whose frames cannot be in one batch."""
    sizes = [f"{_size(size)} ({sequence.entry.name})" for size, sequence in _training_sizes(dataset).items()]
    if len(sizes) > 1:
        yield (error if dataset.loader.batch_size > 1 else note)(
            dataset.where,
            f"the frames have {len(sizes)} sizes: {', '.join(sizes)}.",
            "Set data.height and data.width to bring them to one size (data.fit=crop keeps proportions), or set "
            "data.batch_size=1.",
        )


def different_rates(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find out whether all sequences have one frame rate: the same motion is faster with fewer frames."""
    rates = {s.files["target"].fps: s.entry.name for s in dataset.readable if s.files["target"].fps}
    if rates and max(rates) > _SIMILAR_RATE * min(rates):
        yield warning(
            dataset.where,
            "the videos run at different rates, in frames a second: "
            f"{', '.join(f'{fps:g} ({name})' for fps, name in sorted(rates.items()))}.",
            "The same motion looks faster in some of them. Bring all to one rate, e.g. by ffmpeg -r.",
        )


def _used_size(sequence: CheckedSequence) -> tuple[int, int]:
    """Return height and width of the part of the frames that is used, before it is resized."""
    top, left, bottom, right = sequence.dataset.crop_resize.box(*sequence.files["target"].size)
    return bottom - top, right - left


def _training_sizes(dataset: CheckedDataset) -> dict[tuple[int, int], CheckedSequence]:
    """Return each size at which a training would see frames, with the first sequence that has it."""
    sizes: dict[tuple[int, int], CheckedSequence] = {}
    for sequence in dataset.readable:
        sizes.setdefault(dataset.crop_resize.size(*sequence.files["target"].size), sequence)
    return sizes


def _size(size: tuple[int, int]) -> str:
    return f"{size[1]} x {size[0]}"
