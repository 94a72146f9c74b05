"""Recordings over HTTP: opened under leave, played by ranges, seen as peaks, closed, and taken out as files.

Sound goes out in pieces, each asked for anew (`ports.listening.Playing.read`): leave that ends stops it in the middle. Only a
member of staff's own key opens anything, for who hears has to be proved.
"""
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from admin.acting import Note, for_request
from admin.answers import NOT_JSON, denied, is_json, status_of, told
from admin.api.ranges import Span, asked_range
from admin.auth import Denied, Door
from recordings.export import Format
from recordings.keys import KeyProblem
from recordings.looks import PEAKS_A_SECOND, WAV_HEADER, wav_header
from recordings.objects import ObjectProblem
from recordings.sound import length
from recordings.vault import NotKept, VaultProblem
from switch.core.ids import RecordingId, StaffId
from switch.desk.asking import Desk, Problem, Refused
from switch.desk.copies import export
from switch.ports.access import Key, Scope
from switch.ports.copies import Shelf
from switch.ports.listening import NotAllowed, Playing

log = structlog.get_logger("console")
PIECE = 4 * 65_536
"""Bytes of sound that are asked for at once, sixteen seconds; they end where a chunk of the vault ends, so that none is decrypted
twice."""
PEAKS = "peaks"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
NOBODYS = Denied(403, "no-holder", "who hears has to be proved: a member of staff asks by a key of their own, this is a system's")
NO_VAULT = Problem("no-answer", "the vault did not answer: look, then try again")
UNKNOWN = Problem("unknown-playing", "nothing so called is open: open the recording, and say why")


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OpenRequest(_Asked):
    """Why somebody listens: kept with the recording."""

    why: Annotated[str, Field(max_length=10_000)]


class CloseRequest(_Asked):
    playing: Annotated[str, Field(max_length=64)]


class ExportRequest(_Asked):
    """A recording, or a copy of it, as a file, and for whom."""

    format: Format = Format.WAV
    recipient: Annotated[str, Field(max_length=1000)]
    reason: Annotated[str, Field(max_length=10_000)]
    copy_id: Annotated[str, Field(max_length=64)] = ""
    level: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording that is open: `bytes` of its WAV file, `until` when the leave to hear it ends."""

    playing: str
    recording: RecordingId
    bytes: int
    seconds: float
    authority: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Peaks:
    """The loudest of each tenth of a second, 0 to 255 for nothing to full scale."""

    a_second: int
    person: list[int]
    contact: list[int]


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of somebody whose key was good."""

    request: Request
    desk: Desk
    at: datetime
    key: Key
    who: StaffId
    shelf: Shelf

    @property
    def recording(self) -> RecordingId:
        return RecordingId(self.request.path_params["recording"])

    def open(self, playing: str) -> Playing | None:
        """What this one opened of this recording."""
        found = self.shelf.access.find(playing, self.who)
        return found if found is not None and found.recording == self.recording else None


async def _open(asked: Asking) -> Response:
    """Open a recording under leave, and say why."""
    body = await _body(asked, OpenRequest)
    if isinstance(body, Response):
        return body
    if not body.why.strip():
        return told(400, [Problem("no-reason", "say why: the reason is kept with the recording")])
    playing = await asked.shelf.access.open(asked.who, asked.recording, body.why)
    return _json(Opened(playing.id, asked.recording, playing.size + WAV_HEADER, length(playing.size), playing.leave.authority,
                        playing.leave.until))


async def _audio(asked: Asking) -> Response:
    """The sound as a WAV file, whole or a range of it."""
    playing = asked.open(asked.request.query_params.get("playing", ""))
    if playing is None:
        return told(404, [UNKNOWN])
    header, headers = wav_header(playing.size), asked.request.headers
    tag = f'"{asked.recording}"'
    wanted = headers.get("range") if headers.get("if-range", tag) == tag else None
    span = asked_range(wanted, len(header) + playing.size)
    if span is None:
        refusal = told(416, [Problem("bad-range", "nothing of the recording is there")])
        refusal.headers["Content-Range"] = f"bytes */{len(header) + playing.size}"
        return refusal
    first = await _piece(playing, header, span, span.start)
    told_of = {"Accept-Ranges": "bytes", "Content-Length": str(span.stop - span.start), "ETag": tag, "Cache-Control": "no-store"}
    if span.part:
        told_of["Content-Range"] = span.content_range
    return StreamingResponse(_rest(playing, header, span, first), 206 if span.part else 200, told_of, "audio/wav")


async def _piece(playing: Playing, header: bytes, span: Span, at: int) -> bytes:
    head = header[at : span.stop]
    first = max(at - len(header), 0)
    last = min(span.stop - len(header), (first // PIECE + 1) * PIECE)
    return head + (await playing.read(first, last) if first < last else b"")


async def _rest(playing: Playing, header: bytes, span: Span, piece: bytes) -> AsyncIterator[bytes]:
    """Each piece after the last was taken. Where leave ends the body ends short, and the player knows by its length."""
    at = span.start
    while piece:
        yield piece
        at += len(piece)
        try:
            piece = await _piece(playing, header, span, at) if at < span.stop else b""
        except (NotAllowed, VaultProblem, ObjectProblem, KeyProblem) as error:
            log.warning("playing.stopped", playing=playing.id, why=str(error))
            return


async def _peaks(asked: Asking) -> Response:
    """What the waveform is drawn from."""
    playing = asked.open(asked.request.query_params.get("playing", ""))
    if playing is None:
        return told(404, [UNKNOWN])
    await asked.shelf.access.leave(asked.who, asked.recording)
    found = await asked.shelf.vault.part(asked.recording, PEAKS) or b""
    return _json(Peaks(PEAKS_A_SECOND, list(found[::2]), list(found[1::2])))


async def _close(asked: Asking) -> Response:
    """Heard, or enough of it: how much is kept with who opened it."""
    body = await _body(asked, CloseRequest)
    if isinstance(body, Response):
        return body
    playing = asked.open(body.playing)
    if playing is None:
        return told(404, [UNKNOWN])
    await playing.close()
    return _json(None)


async def _export(asked: Asking) -> Response:
    """A file for somebody: kept with who took it, why and for whom before it is given out."""
    body = await _body(asked, ExportRequest)
    if isinstance(body, Response):
        return body
    desk = for_request(asked.desk, Note(asked.key, ROUTES["export"].operation))
    made = await export(desk, asked.who, asked.at, asked.recording, body.format, body.recipient, body.reason, body.copy_id,
                        body.level)
    if isinstance(made, Refused):
        return told(status_of(made), list(made.problems))
    return Response(made.data, 200, {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store",
                                     "X-SHA-256": made.sha256}, made.media_type)


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be asked of a recording."""

    method: str
    answer: Callable[[Asking], Awaitable[Response]]
    body: type[_Asked] | None = None
    playing: bool = False
    """Whether the query says what was opened."""
    ranges: bool = False
    gives: str = "application/json"

    @property
    def name(self) -> str:
        return self.answer.__name__.removeprefix("_")

    @property
    def path(self) -> str:
        return f"/api/recordings/{{recording}}/{self.name}"

    @property
    def operation(self) -> str:
        return f"recordings-{self.name}"


ROUTES = {route.name: route for route in (
    Route("POST", _open, OpenRequest), Route("GET", _audio, playing=True, ranges=True, gives="audio/wav"),
    Route("GET", _peaks, playing=True), Route("POST", _close, CloseRequest),
    Route("POST", _export, ExportRequest, gives="audio/*"))}
"""Everything that lets anybody hear or see a recording over HTTP."""


def add_recordings(app: FastAPI, desk: Desk, now: Callable[[], datetime], door: Door,
                   describe: Callable[[Route], dict[str, Any]]) -> None:
    for route in ROUTES.values():
        app.add_api_route(
            route.path, _answering(route, desk, now, door), methods=[route.method], operation_id=route.operation,
            summary=(route.answer.__doc__ or "").split("\n")[0], tags=["recordings"], response_model=None,
            openapi_extra=describe(route),
        )  # fmt: skip


def _answering(route: Route, desk: Desk, now: Callable[[], datetime], door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        at = now()
        key = await door.admit(request, at, route.operation, Scope.RECORDINGS)
        if isinstance(key, Denied):
            return denied(key)
        if key.holder is None:
            return denied(await door.turn_away(request, at, route.operation, key, NOBODYS))
        who = await door.acting(request, at, route.operation, key, False)
        if isinstance(who, Denied):
            return denied(who)
        if not NAME.fullmatch(request.path_params["recording"]):
            return told(404, [Problem("unknown-recording", "a recording's id is its call's: letters, digits and . _ -")])
        shelf = desk.shelf()
        if shelf is None:  # not 503: to ask again is of no use before somebody gives the site its keys
            return told(409, [Problem("no-vault", "the vault of this site cannot be opened: see the log")])
        try:
            return await route.answer(Asking(request, desk, at, key, who, shelf))
        except NotAllowed as error:
            return denied(await door.turn_away(request, at, route.operation, key, Denied(403, error.because, str(error))))
        except NotKept as error:
            return told(404, [Problem("unknown-recording", str(error))])
        except VaultProblem as error:
            return told(409, [Problem(type(error).__name__.lower(), str(error))])
        except (ObjectProblem, KeyProblem) as error:
            log.warning("vault.silent", error=str(error))
            return told(503, [NO_VAULT])

    return answer


async def _body(asked: Asking, wanted: type[Any]) -> Any:
    """What was sent, or the answer to what cannot be taken."""
    if not is_json(asked.request):
        return told(415, [NOT_JSON])
    text = await asked.request.body()
    if rb"\u0000" in text:
        return told(400, [Problem("bad-request", "no text has a NUL character")])
    try:
        return wanted.model_validate_json(text)
    except ValidationError as error:
        return told(400, [Problem("bad-request", f"{'.'.join(map(str, one['loc'])) or 'the body'}: {one['msg']}")
                          for one in error.errors(include_url=False, include_context=False, include_input=False)])


def _json(result: object) -> JSONResponse:
    return JSONResponse(TypeAdapter(type(result)).dump_python(result, mode="json"), headers={"Cache-Control": "no-store"})
