"""What a call carries: JSON, a form, or parts with files, all read alike."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from tests.fake_telegram.refusal import bad_request


@dataclass(frozen=True)
class Upload:
    """A file in the call."""

    name: str
    mime: str
    data: bytes


class Fields:
    """The parameters of one call; every getter gives None for what is absent or empty, as the server does."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        return None if value is None or value == "" or isinstance(value, Upload) else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """A number; what is none counts as `default`, which is how Telegram reads it."""
        try:
            return int(str(self.values[name]))
        except (KeyError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return str(self.values.get(name, "")).lower() in {"true", "1", "yes"}

    def document(self, name: str, *, what: str) -> Any:
        """A JSON value, whether it came as text or as it is; raises `Refusal` naming `what` for broken JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as e:
            raise bad_request(f"can't parse {what} JSON object") from e

    def file(self, name: str) -> Upload | str | None:
        """The upload, or a file id or address as text."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self.values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else self.text(name)

    def logged(self) -> dict[str, Any]:
        """What the log keeps: everything but the bytes of files."""
        return {
            k: {"file": v.name, "bytes": len(v.data)} if isinstance(v, Upload) else v for k, v in self.values.items()
        }


async def read_fields(request: Request) -> Fields:
    """The parameters in the address and in the body; raises `Refusal` when the body is not what it says."""
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        values |= _json_body(await request.body())
    elif kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        async with request.form(max_part_size=60 << 20, max_files=50) as form:
            for name, part in form.items():
                values[name] = await _upload(part) if isinstance(part, UploadFile) else part
    return Fields(values)


def _json_body(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except ValueError as e:
        raise bad_request("can't parse request: invalid JSON") from e
    if not isinstance(value, dict):
        raise bad_request("request body must be a JSON object")
    return value


async def _upload(part: UploadFile) -> Upload:
    return Upload(part.filename or "", part.content_type or "application/octet-stream", await part.read())
