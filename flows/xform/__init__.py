"""XForm XML, the form that ODK's tools exchange → a flow."""

from flows.xform.reader import read_xform

__all__ = ["read_xform"]
