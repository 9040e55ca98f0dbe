"""Functions that are known and not taken, so that an author hears why and not just "unknown"."""

from typing import Final

# SurveyCTO's (its page "Using expressions in your forms") and CHT's (its extensions of Enketo's evaluator).
# Their forms look like XLSForms until one of these is met.
VENDOR: Final = frozenset({
    "choice-label", "collect-is-phone-app", "count-if", "count-items", "de-duplicate", "device-info", "distance-between",
    "duration", "empty", "enumerator-id", "enumerator-name", "format-number", "geo-scatter", "hash", "index", "item-at",
    "item-index", "item-present", "join-if", "linebreak", "lower", "max-if", "min-if", "phone-call-duration",
    "phone-call-log", "plug-in-metadata", "rank-index", "rank-index-if", "rank-value", "relevant", "short-geopoint",
    "sum-if", "upper", "username", "version",
    "add-date", "difference-in-months", "parse-timestamp-to-date", "to-bikram-sambat", "z-score",
})  # fmt: skip
VENDOR_PREFIXES: Final = ("cht:",)

# ODK has these and a chat cannot do them, or nothing here can check them.
UNSUPPORTED: Final = frozenset({"extract-signed", "lang", "id", "namespace-uri"})
