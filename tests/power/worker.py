"""The process whose disk loses power: people answer a survey, and each acknowledgement is written down when it is given.

Arguments: data folder, people, answers each, "FULL" or (to see that the test can fail) "NORMAL".
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from bot.app import opened
from bot.channels.base import Update
from bot.config import read_settings
from storage import sqlite

FLOW = "article_rating"


async def main(folder: Path, people: int, answers: int, synchronous: str) -> None:
    """Take updates, many at once, and note which were accepted."""
    if synchronous != "FULL":
        careful = sqlite._set_up

        def careless(connection: Any, *, only_read: bool) -> None:
            careful(connection, only_read=only_read)
            connection.execute(f"PRAGMA synchronous={synchronous}")

        sqlite._set_up = careless
    acknowledged = os.open(folder / "acknowledged", os.O_WRONLY | os.O_CREAT)
    settings = read_settings({}, data_dir=folder, free_min_mb=0, flood_per_min=0)
    async with opened(settings) as house:
        connection = house.db._writer._connection  # type: ignore[attr-defined]
        connection.execute("PRAGMA wal_autocheckpoint=60")  # pages: so that cuts fall into checkpoints too

        async def one(chat: str) -> None:
            for n in range(answers + 1):
                body = {"type": "typed", "text": f"{n % 5 + 1}"} if n else {"type": "open", "flow": FLOW, "lang": "vi"}
                await house.intake.accept([Update("web", "web", f"{chat}-{n}", chat, json.dumps(body), n)])
                os.write(acknowledged, f"{chat}-{n}\n".encode())

        await asyncio.gather(*(one(f"c{n}") for n in range(people)))
        await house.lanes.settled()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
