"""The YAML spelling of a flow: read with every problem at its line and column, and written back."""

from flows.yaml_dialect.attached import ENDINGS as ATTACHED
from flows.yaml_dialect.attached import read_attached
from flows.yaml_dialect.reader import read_choices, read_draft, read_flow
from flows.yaml_dialect.tables import read_table
from flows.yaml_dialect.writer import flow_to_yaml, without_places

__all__ = [
    "ATTACHED",
    "flow_to_yaml",
    "read_attached",
    "read_choices",
    "read_draft",
    "read_flow",
    "read_table",
    "without_places",
]
