"""Traces and shapes: points in a row, as pins that are sent one after another or as pairs that are typed."""

import re
from collections.abc import Sequence
from typing import Final

TRACKS: Final = {"geotrace": 2, "geoshape": 3}  # points at least; a shape is closed by us
POINTS_MAX: Final = 500
_PAIR: Final = re.compile(r"(-?\d{1,3}(?:[.,]\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:[.,]\d+)?)")


def point(lat: float, lon: float, accuracy: float | None = None) -> str:
    """A point as ODK stores it: latitude, longitude, altitude, accuracy in degrees and metres."""
    return f"{lat:.6f} {lon:.6f} 0 {accuracy or 0:g}"


def read_point(text: str) -> str | None:
    """A pair such as "21.03, 105.85", or a map link that holds one; None: there is none on earth.

    >>> read_point("21.0285, 105.8542"), read_point("91, 200")
    ('21.028500 105.854200 0 0', None)
    """
    found = _PAIR.search(text)
    if found is None:
        return None
    lat, lon = (float(part.replace(",", ".")) for part in found.groups())
    return point(lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


def read_points(text: str) -> tuple[str, ...] | None:
    """Pairs parted by semicolons or lines; None: one of them is no pair.

    >>> len(read_points("21.0, 105.8; 21.1, 105.9"))
    2
    """
    found = [read_point(part) for part in re.split(r"[;\n]", text) if part.strip()]
    points = tuple(each for each in found if each is not None)
    return points if len(points) == len(found) else None


def joined(kind: str, points: Sequence[str]) -> str:
    """The value of a trace or shape; "" while there are too few points. A shape ends where it began.

    >>> joined("geoshape", ["1 1 0 0", "1 2 0 0", "2 2 0 0"]).count(";")
    3
    """
    if len(points) < TRACKS[kind]:
        return ""
    closing = (points[0],) if kind == "geoshape" and points[-1] != points[0] else ()
    return ";".join((*points, *closing))
