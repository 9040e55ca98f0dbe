"""What holds for every test: hypothesis has no stopwatch, for a busy machine proves nothing about the code."""

from hypothesis import settings

settings.register_profile("khaosat", deadline=None)
settings.load_profile("khaosat")
