"""Wakes whoever waits for news of a chat: rung once the news is committed, never before."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Ear:
    """One listener. A ring between two waits is kept, so that nothing is missed while reading."""

    def __init__(self) -> None:
        self._heard = asyncio.Event()

    async def wait(self, timeout_s: float) -> bool:
        """Until the bell is rung; False when `timeout_s` passed before."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._heard.wait()
        except TimeoutError:
            return False
        self._heard.clear()
        return True

    def ring(self) -> None:
        """Wake the one who waits, now or at the next wait."""
        self._heard.set()


class Bell:
    """A bell per chat, in this process only: a listener must also look by itself now and then."""

    def __init__(self) -> None:
        self._ears: dict[str, set[Ear]] = defaultdict(set)

    def ring(self, chat: str) -> None:
        """Something of this chat has been committed."""
        for ear in self._ears.get(chat, ()):
            ear.ring()

    def ring_all(self) -> None:
        """Wake everybody, so that they see that it is time to stop."""
        for chat in self._ears:
            self.ring(chat)

    def listeners(self, chat: str) -> int:
        """How many listen to this chat."""
        return len(self._ears.get(chat, ()))

    @contextmanager
    def listening(self, chat: str) -> Iterator[Ear]:
        """An ear that hears every ring of this chat from now on."""
        ear = Ear()
        self._ears[chat].add(ear)
        try:
            yield ear
        finally:
            self._ears[chat].discard(ear)
            if not self._ears[chat]:
                del self._ears[chat]

    async def wait(self, chat: str, timeout_s: float) -> bool:
        """Until the next ring of this chat; False when `timeout_s` passed before."""
        with self.listening(chat) as ear:
            return await ear.wait(timeout_s)
