"""`Vid2VidDataModule`: clips for training and validation, from any data source."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import cv2
import numpy as np
import pytorch_lightning as pl
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Subset

from vid2vid.condition import Condition, Plane, planes_of
from vid2vid.config import FlowEstimatorConfig, FolderConfig, LoaderConfig, VideoConfig, build
from vid2vid.data.checks import check_memory, check_sequences, check_workers, require_instances
from vid2vid.data.clips import ClipDataset, Window
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.data_sources import DataSource, ManifestSource, StreetSource, VideoSource
from vid2vid.data.depth_estimator import DepthEstimator, cache_depth, depth_folder, estimator_name
from vid2vid.data.epoch_state import EpochState, describe_sequences, windows_done
from vid2vid.data.formats import FolderSource
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.data.sampler import Curriculum, WindowSampler
from vid2vid.data.signals import leave_signals_to_the_main_process
from vid2vid.errors import ConfigError
from vid2vid.files import cache_folder
from vid2vid.flow.flow_cache import cached_flow_store, compute_flows
from vid2vid.flow.loading import flow_estimator_name, load_flow_estimator
from vid2vid.flow.store import FlowStore
from vid2vid.street import StreetConfig
from vid2vid.types import Clip
from vid2vid.video import ReaderPool, file_key

_log = logging.getLogger(__name__)

Source = TypeVar("Source", VideoConfig, FolderConfig)


class Vid2VidDataModule(pl.LightningDataModule):
    """Loads clips of conditions and real frames (`vid2vid.types.Clip`).

    Args:
        source: The data source, a manifest, or the path of a manifest or its folder.
        loader: How clips are cut and loaded (`LoaderConfig`), as an instance or a mapping of some of its fields.
        flow_estimator: The estimator of reference flows that the data does not have (`FlowEstimatorConfig`), likewise.

    Raises:
        ConfigError: A setting is unknown or invalid.
    """

    def __init__(
        self,
        source: DataSource | Manifest | str | Path,
        loader: LoaderConfig | Mapping[str, Any] | None = None,
        flow_estimator: FlowEstimatorConfig | Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        given = Path(source) if isinstance(source, str) else source
        self.source: DataSource = ManifestSource(given) if isinstance(given, Manifest | Path) else given
        self.loader = build(LoaderConfig, loader, "data")
        self.flow_estimator = build(FlowEstimatorConfig, flow_estimator, "flow_estimator")
        self.crop_resize = CropResize(self.loader.height, self.loader.width, tuple(self.loader.crop), self.loader.fit)
        check_workers(self.loader.num_workers)
        self._manifest: Manifest | None = None
        self._sampler: WindowSampler | None = None
        self._resumed: dict[str, Any] | None = None
        self._described: dict[str, list[Any]] = {}

    @classmethod
    def street(cls, root: str | Path = "data/street", loader: Any = None, **street: Any) -> "Vid2VidDataModule":  # noqa: ANN401
        """Make a data module of rendered streets.

        Args:
            root: Folder to render into; existing sequences are used.
            loader: As in the class.
            street: Settings of `vid2vid.street.StreetConfig`: sizes, numbers, seed.
        """
        clips = build(LoaderConfig, loader, "data")
        settings = build(StreetConfig, {"root": str(root), **street}, "data.street")
        return cls(StreetSource(settings, clips.planes_in_files), clips)

    @classmethod
    def video(cls, path: str | Path, loader: Any = None, **video: Any) -> "Vid2VidDataModule":  # noqa: ANN401
        """Make a data module of one video, whose conditions are computed from its frames.

        Args:
            path: A video file or a folder of images.
            loader: As in the class.
            video: Settings of `vid2vid.data.data_sources.VideoConfig`: condition, held-out part. Parts between cuts
                that are shorter than the longest clips are left out, whatever ``shortest`` says.
        """
        clips = build(LoaderConfig, loader, "data")
        return cls(VideoSource.of_clips(_of_source(VideoConfig, {"path": str(path), **video}), clips), clips)

    @classmethod
    def folder(cls, path: str | Path, loader: Any = None, **folder: Any) -> "Vid2VidDataModule":  # noqa: ANN401
        """Make a data module of a data set in one of the known formats, read without conversion.

        Args:
            path: Its folder.
            loader: As in the class.
            folder: Settings of `vid2vid.config.FolderConfig`: layout, condition, labels, held-out part.
        """
        clips = build(LoaderConfig, loader, "data")
        settings = _of_source(FolderConfig, {"path": str(path), **folder})
        return cls(FolderSource(settings, clips.planes_in_files), clips)

    @property
    def condition(self) -> Condition:
        """The condition that `Vid2VidModule` is made for."""
        condition, loader = self.source.condition, self.loader
        # a source that knows its planes describes its own files
        if loader.planes and not condition.planes:
            condition = replace(condition, planes=planes_of(loader.planes))
        known = {plane.name for plane in (*condition.planes, *loader.planes_in_files)}
        if added := [plane for plane in planes_of(loader.planes) if plane.name not in known]:
            condition = replace(condition, planes=[*condition.planes, *added])
        if loader.tracks:
            followed = condition.label_channels([str(label) for label in loader.tracks], "data.tracks")
            condition = replace(condition, tracks=[condition.label_ids[channel] for channel in followed])
        if loader.instance_edges:
            condition = replace(condition, instance_edges=True)
        return replace(condition, object_motion=True) if loader.object_motion else condition

    @property
    def strides(self) -> list[int]:
        """Temporal strides of the flows in clips: those of the settings, and 1, which L_W needs."""
        return sorted({1, *self.loader.flow_strides})

    def prepare_manifest(self) -> Manifest:
        """Make the files that the data source lacks, and list its sequences, at most once.

        Raises:
            DataError: A file cannot be used.
        """
        if self._manifest is None:
            manifest = self.source.prepare()
            self._manifest = replace(manifest, sequences=[self._with_depth(one) for one in manifest.sequences])
        return self._manifest

    @cached_property
    def _depth_plane(self) -> Plane | None:
        """The plane that is estimated for sequences that do not have it; None: there is none."""
        return next((one for one in planes_of(self.loader.planes) if one.name == self.loader.depth.plane), None)

    @cached_property
    def _depth_name(self) -> str:
        """The name of the depth estimator, computed once, since it depends on the whole file of the network."""
        return "" if self._depth_plane is None else estimator_name(self.loader.depth, self._depth_plane)

    def _with_depth(self, sequence: VideoSequence) -> VideoSequence:
        """Return a sequence with the folder of its estimated depth, unless it has its own depth."""
        plane = self._depth_plane
        if plane is None or plane.name in sequence.planes:
            return sequence
        folder = depth_folder(cache_folder(self.loader.cache), self._depth_name, sequence.target)
        return replace(sequence, planes={**sequence.planes, plane.name: folder})

    def estimate_depth(self) -> None:
        """Estimate the depth of sequences that have none, and cache it.

        Raises:
            ConfigError: The network cannot be used.
            DataError: A video cannot be read.
        """
        plane = self._depth_plane
        if plane is None:
            return
        load_once = cache(lambda: DepthEstimator(self.loader.depth, plane))
        for sequence in self.prepare_manifest().sequences:
            folder = sequence.planes[plane.name]
            # depth that the data set itself names is not replaced by an estimate if it is missing
            if folder.is_relative_to(cache_folder(self.loader.cache)) and not folder.exists():
                cache_depth(folder, sequence.target, load_once())

    def prepare_data(self) -> None:
        """Make the missing files: rendered streets, readable copies, estimated depth, reference flows.

        Runs in one process of each machine, which logs the warnings of the data source.

        Raises:
            DataError: A file cannot be used.
            ConfigError: A batch of frames does not fit into memory.
        """
        check_memory(self.crop_resize, self.loader.batch_size * Curriculum.of(self.loader).longest)
        try:
            sequences = self.prepare_manifest().sequences
        finally:
            for warning in self.source.warnings:
                _log.warning("%s", warning)
        self.estimate_depth()
        wanted = sorted({k * step for k in self.strides for step in self.loader.frame_strides})
        load_once = cache(lambda: load_flow_estimator(self.flow_estimator))
        device = "cpu" if self.trainer is None else self.trainer.strategy.root_device
        readers = ReaderPool()
        for sequence in sequences if self.loader.flow_cache else []:
            store = self._flow_store(sequence)
            if sequence.flow is None and store and any(k < sequence.frames and not store.has(k) for k in wanted):

                def read(frames: range, sequence: VideoSequence = sequence) -> NDArray[np.uint8]:
                    indices = range(sequence.start + frames.start, sequence.start + frames.stop)
                    return self.crop_resize.images(readers.get(sequence.target).read(indices))

                compute_flows(store, read, sequence.frames, load_once(), wanted, sequence.name, device)

    def setup(self, stage: str) -> None:
        """Check the files and make the data sets.

        Raises:
            DataError: A file cannot be used, or a sequence is too short.
            ConfigError: The frame strides skip frames, although the condition has motion vectors.
        """
        manifest = self.prepare_manifest()
        train, val = manifest.split("train"), manifest.split("val")
        if stage == "fit":
            curriculum = Curriculum.of(self.loader)
            check_sequences(train, self.condition, self.crop_resize, curriculum.longest, self.loader.batch_size)
            first = curriculum.frames_in(0)
            drawn = {stride for sequence in train for stride in curriculum.strides_for(sequence.frames, first)}
            if never := sorted(set(curriculum.strides) - drawn):
                _log.warning(
                    "data.frame_strides: no training sequence is long enough for clips of %d frames at the strides %s; "
                    "they are left out.",
                    first,
                    never,
                )
        check_sequences(val, self.condition, self.crop_resize, 2, self.loader.batch_size)
        if self.condition.has_motion and set(self.loader.frame_strides) != {1}:
            raise ConfigError(
                f"data.frame_strides={list(self.loader.frame_strides)}: motion vectors point to the frame before, so "
                "clips must have all frames; set it to [1], or leave the plane out."
            )
        if self.condition.needs_instances and not self.condition.tracks:
            require_instances([*train, *val])
        self.train_set, self.val_set = self._dataset(train), self._dataset(val)

    def facts(self) -> dict[str, Any]:
        """Return the facts about the training data that are saved with a model (`TrainingFacts`)."""
        sequences = self.prepare_manifest().split("train")
        frames = sum(sequence.frames for sequence in sequences)
        return {
            "data": self.source.title,
            "sequences": len(sequences),
            "frames": frames,
            "fps": self.prepare_manifest().fps,
        }

    def train_dataloader(self) -> DataLoader[Clip]:
        """Load windows of the training sequences, at new places in each epoch."""
        rank, world_size = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        sampler = WindowSampler(
            self.train_set.sequences,
            Curriculum.of(self.loader),
            self.loader.seed,
            self.loader.repeats,
            rank=rank,
            world_size=world_size,
        )
        epoch, batches = self._position()
        sampler.set_epoch(epoch)
        counted = batches * self.loader.batch_size
        windows = counted * world_size
        # consumed even if it is refused, since it is not the state of the next training
        resumed, self._resumed = self._resumed, None
        if resumed is not None:
            windows = windows_done(resumed, sampler, mid_epoch=batches > 0)
        elif batches:
            _log.warning(
                "the checkpoint does not say which clips of epoch %d are done; the right ones are left out if the "
                "number of processes and data.batch_size are those that it was written with.",
                epoch,
            )
        sampler.resume(epoch, windows, counted)
        self._sampler, self._described = sampler, {}
        # to overfit the first batches of an epoch, Lightning would remove the sampler
        overfit = getattr(self.trainer, "overfit_batches", 0) > 0
        return self._load(self.train_set, list(sampler) if overfit else sampler)

    def state_dict(self) -> dict[str, Any]:
        """Return the progress of the epoch, for a checkpoint; see `vid2vid.data.epoch_state`."""
        if self._sampler is None or self.trainer is None:
            return {}
        counted = self.trainer.fit_loop.epoch_loop.batch_progress.current.ready * self.loader.batch_size
        self._described = self._described or describe_sequences(self._sampler.sequences)
        return asdict(EpochState.of(self._sampler, self._sampler.windows_trained(counted), self._described))

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what `state_dict` returned; the next training continues from there."""
        self._resumed = state_dict

    def _position(self) -> tuple[int, int]:
        """Return the epoch in which training is, or in which it resumes, and the number of its batches that are done.

        The sampler needs both at once: Lightning makes the loader, whose workers read ahead, before it sets the epoch.
        """
        if self.trainer is None:
            return 0, 0
        loop = self.trainer.fit_loop
        begun, batches = loop.epoch_progress.current.ready, loop.epoch_loop.batch_progress
        mid_epoch = loop.epoch_loop.restarting and not batches.is_last_batch
        return (begun - 1, batches.current.ready) if mid_epoch else (begun, 0)

    def training_frames(self, most: int) -> DataLoader[Clip]:
        """Load evenly spread training frames without augmentation, as clips of one frame each.

        Args:
            most: Approximate number of frames; up to one more for each sequence is loaded.
        """
        sequences = self.train_set.sequences
        step = max(1, -(-sum(sequence.frames for sequence in sequences) // most))
        windows = [Window(i, t, 1) for i, sequence in enumerate(sequences) for t in range(0, sequence.frames, step)]
        return self._load(self.train_set, windows, batch_size=1)

    def val_dataloader(self) -> DataLoader[Clip]:
        """Load the beginning of each held-out sequence."""
        sequences = self.val_set.sequences
        frames = min(self.loader.val_frames, *(sequence.frames for sequence in sequences))
        return self._load(self.val_set, [Window(i, 0, frames) for i in range(len(sequences))])

    def test_dataloader(self) -> DataLoader[Clip]:
        """Load what validation sees."""
        return self.val_dataloader()

    def predict_dataloader(self) -> DataLoader[Clip]:
        """Load what validation sees."""
        return self.val_dataloader()

    def held_out(self, frames: int = 0) -> DataLoader[Clip]:
        """Load the beginning of each held-out sequence, one per batch.

        Args:
            frames: Largest number of frames of each; 0: all.
        """
        lengths = [sequence.frames for sequence in self.val_set.sequences]
        windows = [Window(i, 0, min(frames or length, length)) for i, length in enumerate(lengths)]
        return self._load(self.val_set, windows, batch_size=1)

    def _load(self, clips: ClipDataset, windows: WindowSampler | list[Window], batch_size: int = 0) -> DataLoader[Clip]:
        several = isinstance(windows, list)
        return DataLoader(
            # a subset instead of a sampler, so that Lightning keeps the order
            Subset(clips, cast("list[int]", windows)) if several else clips,
            batch_size=batch_size or self.loader.batch_size,
            sampler=None if several else windows,
            num_workers=self.loader.num_workers,
            collate_fn=Clip.stack,
            worker_init_fn=_start_worker,
            persistent_workers=self.loader.num_workers > 0,
            pin_memory=self.trainer is not None and self.trainer.strategy.root_device.type == "cuda",
        )

    def _dataset(self, sequences: list[VideoSequence]) -> ClipDataset:
        flows, loader = [self._flow_store(sequence) for sequence in sequences], self.loader
        framing = self.condition, self.crop_resize
        return ClipDataset(sequences, *framing, flows, self.strides, loader.augment, loader.seed)

    def _flow_store(self, sequence: VideoSequence) -> FlowStore | None:
        """Return the flows of the data set, or else those in the cache; None if neither are used."""
        if sequence.flow is not None:
            return FlowStore(sequence.flow)
        if not self.loader.flow_cache or self.condition.has_motion:
            return None
        frames_key = f"{file_key(sequence.target)}|{sequence.start}|{sequence.frames}|{self.crop_resize.key}"
        name = self._flow_estimator_name
        return cached_flow_store(cache_folder(self.loader.cache), name, sequence.name, frames_key)

    @cached_property
    def _flow_estimator_name(self) -> str:
        return flow_estimator_name(self.flow_estimator)


def _of_source(settings: type[Source], given: Mapping[str, Any]) -> Source:
    """Return the settings of a data source.

    Raises:
        ConfigError: A setting is unknown or invalid, or belongs to the loader.
    """
    of_loader = {f.name for f in fields(LoaderConfig)} - {f.name for f in fields(settings)}
    if misplaced := {name: value for name, value in given.items() if name in of_loader}:
        raise ConfigError(f"{', '.join(misplaced)}: this is how clips are loaded; give loader={misplaced}.")
    return build(settings, given, "data")


def _start_worker(worker: int) -> None:
    # OpenCV's threads do not survive a fork, and a worker that waits for them hangs
    cv2.setNumThreads(0)
    leave_signals_to_the_main_process(worker)
