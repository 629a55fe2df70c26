"""Samples, their revisions and their files: a database (SQLite or PostgreSQL) and content-addressed files.

No other package imports SQLAlchemy. Every module that declares tables is imported here, so that the one metadata and
its migrations know them all.
"""

from annotation.store.copies.doubtful import Doubt, list_doubts, settle_doubt
from annotation.store.database.opening import open_database
from annotation.store.database.transactions import reading, writing
from annotation.store.drafts import Drafts, NotYoursError
from annotation.store.errors import StoreError
from annotation.store.files.base import Files
from annotation.store.provenance import FACTS, Fact, Provenance, tidy_tags
from annotation.store.revisions import (
    Effort,
    EncodedContent,
    RevisionContent,
    StaleSaveError,
    encode_content,
    get_revision,
    list_revisions,
    remark,
    restore,
    save_revision,
)
from annotation.store.samples import (
    add_sample,
    assign,
    delete,
    get_sample,
    set_licence,
    set_provenance,
    set_state,
    undelete,
)
from annotation.store.search import (
    Filter,
    count_samples,
    count_states,
    count_unlabelled,
    find_samples,
    next_sample,
    previous_sample,
)
from annotation.store.store import Store, open_files, open_store
from annotation.store.tables.drafts import Draft, PaintedStroke
from annotation.store.tables.samples import Revision, Sample, Split, State
from annotation.store.tables.upkeep import Identity, Sighting
from annotation.store.tags import add_tags, count_tags, remove_tags
from annotation.store.upkeep import collect_garbage, verify

__all__ = [
    "FACTS",
    "Doubt",
    "Draft",
    "Drafts",
    "Effort",
    "EncodedContent",
    "Fact",
    "Files",
    "Filter",
    "Identity",
    "NotYoursError",
    "PaintedStroke",
    "Provenance",
    "Revision",
    "RevisionContent",
    "Sample",
    "Sighting",
    "Split",
    "StaleSaveError",
    "State",
    "Store",
    "StoreError",
    "add_sample",
    "add_tags",
    "assign",
    "collect_garbage",
    "count_samples",
    "count_states",
    "count_tags",
    "count_unlabelled",
    "delete",
    "encode_content",
    "find_samples",
    "get_revision",
    "get_sample",
    "list_doubts",
    "list_revisions",
    "next_sample",
    "open_database",
    "open_files",
    "open_store",
    "previous_sample",
    "reading",
    "remark",
    "remove_tags",
    "restore",
    "save_revision",
    "set_licence",
    "set_provenance",
    "set_state",
    "settle_doubt",
    "tidy_tags",
    "undelete",
    "verify",
    "writing",
]
