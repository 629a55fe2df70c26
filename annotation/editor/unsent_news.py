"""News waiting to be sent to a tab. A tab that does not read them is disconnected before they fill the memory."""

import asyncio
from collections import deque
from typing import TypeAlias

from annotation.correction.open_draft import News, Painted
from annotation.correction.resolving import Patch
from annotation.correction.uncertainty import Unsure
from annotation.web.messages import Message
from annotation.web.sockets import TRY_AGAIN, Closing

MAX_WAITING_NEWS = 500
"""News waiting for a tab that does not read them."""
MAX_WAITING_BYTES = 250_000_000
"""Bytes that waiting news may take, besides one message of any size: a whole alpha of 50 million pixels is below it."""
BYTES_A_POINT = 150
"""Bytes that a point of a stroke takes in memory."""

Sent: TypeAlias = News | Message
"""Either of these becomes a message."""


class Unsent:
    """A queue in order, for one event loop."""

    def __init__(self) -> None:
        self.news: deque[Sent] = deque()
        self.bytes = 0
        self.is_too_much = False
        self.came = asyncio.Event()

    def add(self, news: Sent) -> None:
        """Append `news`. If there are too many, all are dropped and no more are accepted."""
        if self.is_too_much:
            return
        size = bytes_of(news)
        if len(self.news) >= MAX_WAITING_NEWS or (self.news and self.bytes + size > MAX_WAITING_BYTES):
            self.is_too_much = True
            self.news.clear()
        else:
            self.news.append(news)
            self.bytes += size
        self.came.set()

    async def next(self) -> Sent:
        """Wait for the first of them; Closing if there were too many."""
        while not self.news:
            if self.is_too_much:
                raise Closing(TRY_AGAIN)
            self.came.clear()
            await self.came.wait()
        news = self.news.popleft()
        self.bytes -= bytes_of(news)
        return news


def bytes_of(news: Sent) -> int:
    """About how much memory `news` hold."""
    if isinstance(news, Patch):
        return int(news.alpha.nbytes)
    if isinstance(news, Unsure):
        return int(news.map.nbytes)
    return BYTES_A_POINT * len(news.stroke.points) if isinstance(news, Painted) else 0
