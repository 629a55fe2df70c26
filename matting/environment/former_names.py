"""Modules under the names they had in version 0.1: programs written for that still import them."""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MOVED = {
    "annotation.access": "annotation.web.access",
    "annotation.archives": "annotation.trees.archives",
    "annotation.automatic_labels": "annotation.labelling.automatic_labels",
    "annotation.boxes": "annotation.strokes.boxes",
    "annotation.clicking": "annotation.correction.clicking",
    "annotation.credits": "annotation.store.credits",
    "annotation.desk": "annotation.correction.workspace",
    "annotation.exporting": "annotation.transfer.exporting",
    "annotation.finishing": "annotation.correction.finishing",
    "annotation.forwarding": "annotation.web.forwarding",
    "annotation.gate": "annotation.web.gate",
    "annotation.hub": "annotation.transfer.hub",
    "annotation.importing": "annotation.transfer.importing",
    "annotation.intake": "annotation.transfer.reading_samples",
    "annotation.leftovers": "annotation.transfer.leftovers",
    "annotation.licences": "annotation.transfer.licences",
    "annotation.lists": "annotation.trees.json_lists",
    "annotation.manifest": "annotation.transfer.manifest",
    "annotation.packing": "annotation.transfer.zip_export",
    "annotation.page_icon": "annotation.web.page_icon",
    "annotation.prelabel": "annotation.labelling.automatic_labels",
    "annotation.raster": "annotation.strokes.raster",
    "annotation.resolve": "annotation.correction.resolving",
    "annotation.segment": "annotation.correction.selecting",
    "annotation.sockets": "annotation.web.sockets",
    "annotation.store.base": "annotation.store.tables.base",
    "annotation.store.local_files": "annotation.store.files.local",
    "annotation.store.migrating": "annotation.store.database.migrating",
    "annotation.store.named": "annotation.store.tables.named",
    "annotation.store.remote_files": "annotation.store.files.remote",
    "annotation.store.sync": "annotation.store.files.sync",
    "annotation.store.texts": "annotation.store.database.texts",
    "annotation.store.upkeep_tables": "annotation.store.tables.upkeep",
    "annotation.store.work_tables": "annotation.store.tables.drafts",
    "annotation.store.works": "annotation.store.drafts",
    "annotation.tree": "annotation.trees.tree",
    "annotation.ui.correct_steps": "annotation.ui.correct.steps",
    "annotation.ui.cut_out_steps": "annotation.ui.cut_out.steps",
    "annotation.ui.gallery": "annotation.ui.dataset.tab",
    "annotation.ui.gallery_in_out": "annotation.ui.dataset.import_and_export",
    "annotation.ui.gallery_numbers": "annotation.ui.dataset.numbers",
    "annotation.ui.gallery_provenance": "annotation.ui.dataset.provenance",
    "annotation.ui.gallery_steps": "annotation.ui.dataset.steps",
    "annotation.ui.hand_over": "annotation.ui.correct.open_in_correct",
    "annotation.ui.look": "annotation.ui.theme",
    "annotation.ui.scenery": "annotation.ui.cut_out.backgrounds",
    "annotation.ui.scratch": "annotation.ui.temporary_files",
    "annotation.ui.told": "annotation.ui.errors",
    "annotation.ui.video_jobs": "annotation.ui.video.jobs",
    "annotation.ui.warmup": "annotation.ui.getting_ready",
    "annotation.uncertainty": "annotation.correction.uncertainty",
    "annotation.words": "annotation.plurals",
    "matting.ahead": "matting.temporal.prefetch",
    "matting.apart": "matting.solving.separate_process",
    "matting.atomic": "matting.files.atomic",
    "matting.between": "matting.temporal.interpolation",
    "matting.bounded": "matting.solving.bounded_memory",
    "matting.caches": "matting.environment.caches",
    "matting.commands.batch": "matting.batches.running",
    "matting.commands.report": "matting.metrics.tables",
    "matting.compiled": "matting.solving.pymatting_calls",
    "matting.corrected": "matting.temporal.keyframes",
    "matting.credit": "matting.weights.credit",
    "matting.deep": "matting.files.sixteen_bit",
    "matting.download": "matting.weights.downloading",
    "matting.guided": "matting.solving.guided_upsampling",
    "matting.listing": "matting.files.listing",
    "matting.looks": "matting.files.picture_kinds",
    "matting.models.median": "matting.models.classical.median",
    "matting.models.solvers": "matting.models.classical.solvers",
    "matting.motion": "matting.temporal.motion",
    "matting.package_index": "matting.weights.package_index",
    "matting.plate": "matting.temporal.clean_plate",
    "matting.progress": "matting.solving.progress",
    "matting.regions": "matting.solving.regions",
    "matting.rendering": "matting.video.rendering",
    "matting.selection": "matting.models.mobile_sam",
    "matting.settling": "matting.solving.laplacian_refinement",
    "matting.source": "matting.files.picture_bytes",
    "matting.suffixes": "matting.files.suffixes",
    "matting.tiff": "matting.files.tiff",
    "matting.tracking": "matting.temporal.tracking",
    "matting.trained": "matting.weights.trained",
    "matting.training.compose": "matting.training.crops.compose",
    "matting.training.made": "matting.training.crops.crop_sources",
    "matting.training.pairs": "matting.training.crops.pairs",
    "matting.training.varied": "matting.training.crops.varied",
    "matting.video_files": "matting.video.files",
    "matting.video_sinks": "matting.video.sinks",
}
"""Each former name, and the module's own."""


def present_name(name: str) -> str:
    """The present name of a module that was called `name`, or lay in a package of a former name; "" for others."""
    parts = name.split(".")
    for end in range(len(parts), 1, -1):
        if moved := MOVED.get(".".join(parts[:end])):
            return ".".join([moved, *parts[end:]])
    return ""


class FormerNames(MetaPathFinder, Loader):
    """Imports a module under its former name: the very module that its own name gives."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002
        """See MetaPathFinder."""
        return ModuleSpec(name, self) if present_name(name) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """See Loader."""
        module = importlib.import_module(present_name(spec.name))
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Its code has run; the import system has written the former name into its spec, which is put back."""
        former = module.__spec__
        module.__spec__ = former.loader_state if former else None


def keep_former_names() -> None:
    """From now on, former names can be imported."""
    if not any(isinstance(finder, FormerNames) for finder in sys.meta_path):
        sys.meta_path.insert(0, FormerNames())  # first: a package under two names must not be read twice
