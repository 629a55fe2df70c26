"""Tags: words by which people find samples, stored with each sample as one text such as "glass hair"."""

from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy import select

from annotation.store.database.transactions import reading, writing
from annotation.store.provenance import tidy_tags, words_of
from annotation.store.samples import require
from annotation.store.store import Store
from annotation.store.tables.samples import Sample


def add_tags(store: Store, samples: Sequence[int], text: str) -> None:
    """Give the samples the tags in `text`, in addition to those they have; StoreError if a sample does not exist."""
    _change_each(store, samples, lambda tags: tidy_tags(f"{tags} {text}"))


def remove_tags(store: Store, samples: Sequence[int], text: str) -> None:
    """Take the tags in `text` away from the samples; StoreError if a sample does not exist."""
    gone = set(words_of(text))
    _change_each(store, samples, lambda tags: " ".join(tag for tag in tags.split() if tag not in gone))


def _change_each(store: Store, samples: Sequence[int], change: Callable[[str], str]) -> None:
    """Change the tags of the samples, all in one transaction."""
    with writing(store.engine) as session:
        for number in samples:
            sample = require(session, number)
            sample.tags = change(sample.tags)


def count_tags(store: Store) -> dict[str, int]:
    """Tag → the number of samples that have it, the most frequent first."""
    with reading(store.engine) as session:
        texts = session.scalars(select(Sample.tags).where(Sample.deleted.is_(None), Sample.tags != ""))
        counts = Counter(tag for text in texts for tag in text.split())
    return dict(sorted(counts.items(), key=lambda counted: (-counted[1], counted[0])))
