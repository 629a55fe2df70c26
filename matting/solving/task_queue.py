"""The line in which tasks wait. A few run at once, fewer long ones; a visitor with many tasks lets others go first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from threading import Condition
from time import monotonic

from matting.solving.progress import Standing

PULSE_SECONDS = 0.2
"""How often a waiting task learns its place in line; it can be cancelled each time."""
PATIENCE_SECONDS = 20.0
"""How long short tasks may overtake a waiting long one."""
RECENT_WEIGHT = 0.3
"""The weight of the last task in the usual time of its kind."""


@dataclass(eq=False)
class Ticket:
    """A task that waits or runs."""

    visitor: str
    is_long: bool
    since: float = field(default_factory=monotonic)


class Line:
    """At most `slots` tasks run at once, at most `long_slots` of them long, and one long task per visitor."""

    def __init__(self, slots: int, long_slots: int) -> None:
        self.slots = {False: slots, True: long_slots}
        self.waiting: list[Ticket] = []
        self.running: list[Ticket] = []
        self.usual_seconds: dict[bool, float] = {}
        """How long a task usually takes, by whether it is long."""
        self.ended: dict[tuple[str, bool], float] = {}
        """When a visitor's last task of each kind ended; kept while any task in line has waited since before that."""
        self.changed = Condition()

    @contextmanager
    def turn(self, visitor: str, *, is_long: bool, tell: Callable[[Standing], None]) -> Iterator[None]:
        """Wait for a turn, and keep it inside the block. While the task waits, `tell` gets its standing.

        If `tell` raises, the wait ends. The visitor "" stands for tasks that belong to nobody.
        """
        ticket = Ticket(visitor, is_long)
        self.waiting.append(ticket)
        try:
            while not self.begins(ticket):
                tell(self.standing(ticket))
                with self.changed:
                    self.changed.wait(PULSE_SECONDS)
        except BaseException:
            self.leave(self.waiting, ticket)
            raise
        begun = monotonic()
        try:
            yield
        finally:
            self.end(ticket, begun)

    def begins(self, ticket: Ticket) -> bool:
        """Whether it is the ticket's turn; if so, the ticket counts as running from now on."""
        with self.changed:
            long = [each for each in self.running if each.is_long]
            is_full = len(self.running) >= self.slots[False] or (ticket.is_long and len(long) >= self.slots[True])
            if is_full or self.order(ticket.is_long)[0] is not ticket or self.is_busy(ticket):
                return False
            if ticket.is_long and monotonic() - ticket.since < PATIENCE_SECONDS and self.order(is_long=False):
                return False
            self.waiting.remove(ticket)
            self.running.append(ticket)
            return True

    def is_busy(self, ticket: Ticket) -> bool:
        """Whether this is a long task of a visitor who has another long task running."""
        return ticket.is_long and bool(ticket.visitor) and any(
            each.is_long and each.visitor == ticket.visitor for each in self.running
        )  # fmt: skip

    def order(self, is_long: bool) -> list[Ticket]:
        """The waiting tickets of one kind, the next one first."""
        kind = [ticket for ticket in self.waiting if ticket.is_long == is_long]
        return sorted(kind, key=lambda ticket: (self.is_busy(ticket), self.counts_from(ticket)))

    def counts_from(self, ticket: Ticket) -> float:
        """The time from which the ticket's wait counts: never before the visitor's last task of its kind ended."""
        return max(ticket.since, self.ended.get((ticket.visitor, ticket.is_long), 0.0) if ticket.visitor else 0.0)

    def standing(self, ticket: Ticket) -> Standing:
        """The ticket's place among those of its kind, and roughly how many seconds it will wait."""
        with self.changed:
            place = self.order(ticket.is_long).index(ticket) + 1
            usual = self.usual_seconds.get(ticket.is_long)
        return Standing(place, None if usual is None else usual * ceil(place / self.slots[ticket.is_long]))

    def end(self, ticket: Ticket, begun: float) -> None:
        """Record that the ticket, which has run since `begun`, has ended."""
        now, oldest = monotonic(), min((each.since for each in list(self.waiting)), default=monotonic())
        usual = self.usual_seconds.get(ticket.is_long, now - begun)
        with self.changed:
            self.usual_seconds[ticket.is_long] = usual + RECENT_WEIGHT * (now - begun - usual)
            self.ended = {key: at for key, at in self.ended.items() if at >= oldest}
            self.ended[ticket.visitor, ticket.is_long] = now
        self.leave(self.running, ticket)

    def leave(self, among: list[Ticket], ticket: Ticket) -> None:
        """Take the ticket out of the waiting or the running ones, and wake the threads that wait."""
        with self.changed:
            among.remove(ticket)
            self.changed.notify_all()
