"""What one visitor to a demo may use, and what a person reads at each limit; nothing else sets limits."""

from dataclasses import dataclass, fields

from annotation.store.errors import StoreError
from matting.environment.variables import whole_number


class LimitError(StoreError, ValueError):
    """A visitor has reached a limit; says which in one sentence, shown wherever a ValueError or StoreError is."""


@dataclass(frozen=True)
class Limits:
    """The limits of one visit. MATTING_DEMO_ with a field's name in capitals sets a different number."""

    kept_minutes: int = 120
    """Minutes without use after which everything of the visit is erased."""
    photo_megapixels: int = 16
    video_seconds: int = 60
    upload_megabytes: int = 100
    """Megabytes of one file."""
    disk_megabytes: int = 1000
    """Megabytes of everything that the visit keeps."""
    open_drafts: int = 8
    solves_at_once: int = 3
    """Whatever takes seconds: subjects, edges, downloads. More of them in other tabs of the browser are refused."""
    strokes_a_minute: int = 240
    clicks_a_minute: int = 40
    snapshots_a_minute: int = 6
    live_minutes: int = 10
    contributions_an_hour: int = 20
    requests_a_minute: int = 1200
    """Requests of one visit; and ten times as many from one address, behind which there may be a school."""
    visits_an_hour: int = 200
    """New visits from one address."""

    @classmethod
    def from_environment(cls) -> "Limits":
        """The limits that variables set, defaults for the rest; SystemExit for what is not a number."""
        usual = cls()
        names = [each.name for each in fields(cls)]
        return cls(**{name: whole_number(f"MATTING_DEMO_{name.upper()}", getattr(usual, name)) for name in names})

    def reached(self, name: str) -> LimitError:
        """The error to raise at the limit called `name`."""
        return LimitError(SENTENCES[name].format(getattr(self, name)))


SENTENCES = {
    "photo_megapixels": "This demo takes pictures of up to {} megapixels; please choose a smaller copy.",
    "video_seconds": "This demo takes videos of up to {} seconds; please cut yours shorter.",
    "upload_megabytes": "This demo takes files of up to {} MB; please choose a smaller one.",
    "disk_megabytes": "Your visit has used its {} MB. Erase your pictures to go on.",
    "open_drafts": "This demo keeps {} drafts open for a visitor; please close one in the Correct tab first.",
    "solves_at_once": "This demo works on {} things at once for a visitor; please wait until one is done.",
    "strokes_a_minute": "This demo takes {} strokes a minute from a visitor; yours will be stored in a moment.",
    "clicks_a_minute": "This demo answers {} clicks a minute for a visitor; please wait a moment.",
    "snapshots_a_minute": "This demo takes {} frames a minute from a visitor; please wait a moment.",
    "requests_a_minute": "This demo answers {} requests a minute; please wait a moment.",
    "visits_an_hour": "This demo begins {} visits an hour from one address; please come back later.",
    "contributions_an_hour": "This demo takes {} contributions an hour from a visitor; please come back later.",
    "live_minutes": "This demo gives each visitor {} minutes of Live, and yours are over. Thank you for trying it.",
}
