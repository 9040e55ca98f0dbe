"""The flows this project comes with, and the lists and tables they choose from: names only, `bot` reads the files."""

from typing import Final

FLOWS: Final = (
    "startup_support_needs.yaml",
    "innovation_activity.yaml",
    "research_order.yaml",
    "techfest_matching.yaml",
    "task_progress.yaml",
    "article_rating.yaml",
)
SHARED_CHOICES: Final = "shared_choices.yaml"
TABLES: Final = ("hanoi_units.csv", "hanoi_old_ward_map.csv", "provinces.csv", "tasks.csv")
