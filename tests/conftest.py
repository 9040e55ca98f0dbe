"""What holds for every test: no stopwatch, cheap passwords, and child processes that keep what they compiled."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

settings.register_profile("khaosat", deadline=None)  # a busy machine proves nothing about the code
settings.load_profile("khaosat")

# Where Python is told to write no bytecode, as many images do, each process that a test starts would compile the whole
# program again: a third of its start. It is kept out of the source tree all the same.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode"))


@pytest.fixture(scope="session", autouse=True)
def dear_hasher() -> Iterator[PasswordHasher]:
    """What hashes passwords in the product; tests hash them at next to no cost, save the one that asks for this."""
    from bot.web import passwords  # noqa: PLC0415  # after the lines above

    dear = passwords._HASHER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield dear
