"""A visitor to a demo contributes a finished sample, with licence and consent, to the owner's dataset for review."""

from dataclasses import dataclass
from datetime import UTC, datetime

from annotation.correction.finishing import finish
from annotation.correction.open_draft import OpenDraft
from annotation.correction.whole_picture import content_apart
from annotation.store import Effort, Provenance, Sample, Store, tidy_tags
from annotation.store.contributing import offer
from annotation.store.credits import credited
from annotation.strokes.stroke import counting
from annotation.visits.visit import charge
from matting.solving.progress import OnProgress, reporting_to

CONSENT = (
    "I made this photo, or I may give it away. Everyone who can be recognised in it agrees. The owner of this demo may "
    "keep the photo and my corrections, publish them under the licence that I chose, and train models with them. They "
    "stay when my visit is erased."
)
LICENCES = {
    "CC0: anybody may do anything with it": "CC0-1.0",
    "CC BY: anybody who names me may use it": "CC-BY-4.0",
    "CC BY-SA: the same, and under the same licence": "CC-BY-SA-4.0",
}
"""The licences as a visitor reads them, and their SPDX identifiers."""
NAME = "contribution"
"""The name of every contributed sample; the names of visitors' files are not kept."""


@dataclass(frozen=True)
class Gift:
    """The terms on which a sample is given."""

    licence: str
    """The SPDX identifier."""
    author: str = ""
    """The name to be credited, if any."""
    person_visible: bool | None = None
    tags: str = ""
    """Words by which people find it."""
    has_agreed: bool = False
    """Whether the visitor has agreed to CONSENT."""


def contribute(owner: Store, open_draft: OpenDraft, model: str, gift: Gift, on_progress: OnProgress) -> Sample | None:
    """Finish the photo, see `finish`, and give it to the dataset of `owner` as a sample to be reviewed.

    None if the dataset has the photo already; then nothing is added or changed.

    Raises:
        ValueError: consent, licence or a name that the licence asks for is missing, or there is nothing to solve from.
        LimitError: the visitor has contributed too many samples within an hour.
        StoreError: the sample could not be saved.
    """
    check(gift)
    charge("contributions_an_hour")
    result = finish(open_draft, model, on_progress)
    session = open_draft.session
    with reporting_to(on_progress):
        content = content_apart(session.image, result.trimap, result.alpha, result.scribbles)
    provenance = Provenance(
        source="contributed by a visitor of the demo",
        author=gift.author.strip(),
        licence=gift.licence,
        consent=f"{datetime.now(UTC):%Y-%m-%d}: {CONSENT}",
        person_visible=gift.person_visible,
        tags=tidy_tags(gift.tags),
    )
    effort = Effort(
        tool="editor", minutes=session.seconds / 60, strokes=len(counting(session.strokes)), **credited(result.answers)
    )
    return offer(owner, session.image, content, name=NAME, provenance=provenance, effort=effort)


def check(gift: Gift) -> None:
    """Raise ValueError, with a sentence for the visitor, if the terms are incomplete."""
    if gift.licence not in LICENCES.values():
        raise ValueError("Choose the licence under which you give this sample away.")
    if gift.person_visible is None:
        raise ValueError("Say whether somebody can be recognised in the photo.")
    if "BY" in gift.licence and not gift.author.strip():
        raise ValueError("This licence asks for a name: say who is to be named, or choose CC0.")
    if not gift.has_agreed:
        raise ValueError("Tick the box if you agree; without it nothing is sent.")
