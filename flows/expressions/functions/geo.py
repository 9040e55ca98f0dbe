"""Functions of places: points "latitude longitude altitude accuracy", shapes of them joined by ";"."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from flows.expressions.code import Kind
from flows.expressions.env import Atom
from flows.expressions.functions.numbers import rounded
from flows.expressions.table import plain
from flows.expressions.values import text_number, to_text

RADIUS_M: Final = 6_378_100  # the Earth's at the equator, as ODK's engines have it
POINTS_MAX: Final = 10_000

Point: TypeAlias = tuple[float, float]  # latitude, longitude, in degrees


def points(values: Sequence[Atom]) -> list[Point]:
    """All points of some values. Raises `ValueError` where one is none."""
    found = [_point(part) for value in values for part in to_text(value).split(";") if part.strip()]
    if len(found) > POINTS_MAX:
        raise ValueError(len(found))
    return found


def _point(text: str) -> Point:
    latitude, longitude = (text_number(part) for part in text.split()[:2])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(text)
    return latitude, longitude


def distance(values: Sequence[Atom]) -> float:
    """Metres along all points, to the centimetre; 0 without a point, as in JavaRosa."""
    found = points(values)
    return rounded(sum(_between(a, b) for a, b in pairwise(found)), 2)


def _between(a: Point, b: Point) -> float:
    """The great circle between two points (haversine)."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    up, across = (lat_b - lat_a) / 2, math.radians(b[1] - a[1]) / 2
    h = math.sin(up) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(across) ** 2
    return 2 * RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def area(values: Sequence[Atom]) -> float:
    """Square metres of the polygon around all points, to the square centimetre times 100; 0 without a point.

    Chamberlain and Duquette, "Some algorithms for polygons on a sphere", JPL 2007, as ODK's engines do.
    """
    found = points(values)
    doubled = sum(
        math.radians(b[1] - a[1]) * (2 + math.sin(math.radians(a[0])) + math.sin(math.radians(b[0])))
        for a, b in zip(found, [*found[1:], *found[:1]], strict=True)
    )
    return rounded(abs(doubled) * RADIUS_M * RADIUS_M / 2, 2)


def is_inside(point: Atom, shape: Atom) -> bool:
    """Whether a point lies in a polygon: a ray to the east crosses its sides an odd number of times."""
    ((lat, lon),) = points([point])
    corners = points([shape])
    inside = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        if (lat_a > lat) is not (lat_b > lat) and lon < lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a):
            inside = not inside
    return inside and len(corners) >= 3


def crosses_itself(shape: Atom) -> bool:
    """Whether any two sides of a line or polygon that are not neighbours meet."""
    corners = points([shape])[:CORNERS_MAX]
    sides = list(pairwise(corners))
    closed = len(corners) > 2 and corners[0] == corners[-1]
    for i, one in enumerate(sides):
        for j in range(i + 2, len(sides)):
            if not (closed and i == 0 and j == len(sides) - 1) and _meet(one, sides[j]):
                return True
    return False


CORNERS_MAX: Final = 500  # every side is compared with every other


def _meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(turn == 0 and _is_between(*end) for turn, end in zip(turns, ends, strict=True))


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_between(a: Point, b: Point, c: Point) -> bool:
    """Whether `c`, on the line through `a` and `b`, lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


FUNCTIONS: Final = (
    plain("distance", "a*", Kind.NUMBER, distance, "distance('0 0', '0 1') = 111318.85"),
    plain("area", "a*", Kind.NUMBER, area, "area('0 0;0 1;1 1;1 0;0 0') > 12000000000"),
    plain("geofence", "aa", Kind.BOOLEAN, is_inside, "geofence('0.5 0.5', '0 0;0 1;1 1;1 0;0 0')"),
    plain("intersects", "a", Kind.BOOLEAN, crosses_itself, "intersects('0 0;1 1;1 0;0 1;0 0')"),
)
