"""The control socket, over a real socket: its answers, its refusals, and the sentences of a client that finds no switch."""
import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from switch.runtime.control import MOST_CLIENTS, ControlRefused, ControlServer, NoSwitch, SocketTaken, ask


async def calls(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"calls": [{"id": "c1", "to": "+447700900101"}]}


async def cut(request: Mapping[str, Any]) -> Mapping[str, Any]:
    if request.get("call") != "c1":
        raise ControlRefused(f'no call is called "{request.get("call")}"')
    return {"cut": request["call"], "by": request["staff"], "reason": request["reason"]}


async def broken(request: Mapping[str, Any]) -> Mapping[str, Any]:
    raise RuntimeError("out of order")


@pytest.fixture
async def path(tmp_path: Path) -> AsyncIterator[Path]:
    server = ControlServer(tmp_path / "c.sock", {"calls": calls, "cut": cut, "broken": broken})
    await server.start()
    yield tmp_path / "c.sock"
    await server.close()
    assert not (tmp_path / "c.sock").exists()


async def asked(path: Path, **request: Any) -> dict[str, Any]:
    return await asyncio.to_thread(ask, path, request, 5.0)


async def test_requests_are_answered(path: Path) -> None:
    assert await asked(path, do="calls") == {"calls": [{"id": "c1", "to": "+447700900101"}]}
    answer = await asked(path, do="cut", call="c1", staff="officer-7", reason="threats, é")
    assert answer == {"cut": "c1", "by": "officer-7", "reason": "threats, é"}


async def test_only_the_owner_may_open_it(path: Path) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600  # once, of a socket in memory


async def test_a_refusal_is_a_sentence(path: Path) -> None:
    with pytest.raises(ControlRefused, match='no call is called "c2"'):
        await asked(path, do="cut", call="c2")
    with pytest.raises(ControlRefused, match='nothing is called "dance"; there are: broken, calls, cut'):
        await asked(path, do="dance")
    with pytest.raises(ControlRefused, match="out of order"):
        await asked(path, do="broken")
    assert await asked(path, do="calls")


@pytest.mark.parametrize("line", [b"{\n", b"[]\n", b'{"do": 3}\n', b"\xff\xfe\n", b"x" * 200_000 + b"\n"])
async def test_nonsense_gets_an_answer_and_harms_nobody(path: Path, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line)
    answer = json.loads(await reader.readline())
    assert answer["ok"] is False
    assert len(answer["error"]) > 5
    writer.close()
    assert await asked(path, do="calls")


async def test_several_requests_on_one_connection(path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b'{"do":"calls"}\n{"do":"nothing"}\n')
    assert json.loads(await reader.readline())["ok"] is True
    assert json.loads(await reader.readline())["ok"] is False
    writer.close()


async def test_too_many_clients_are_told(path: Path) -> None:
    held = [await asyncio.open_unix_connection(path) for _ in range(MOST_CLIENTS)]
    with pytest.raises(ControlRefused, match="at once"):
        await asked(path, do="calls")
    for _, writer in held:
        writer.close()
    for _ in range(100):
        try:
            assert await asked(path, do="calls")
            return
        except ControlRefused:
            await asyncio.sleep(0.02)
    pytest.fail("the places did not become free")


async def test_no_switch_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(NoSwitch, match="no switch runs here"):
        await asked(tmp_path / "c.sock", do="calls")


async def test_a_socket_left_behind_is_replaced_and_a_live_one_is_not(path: Path, tmp_path: Path) -> None:
    with pytest.raises(SocketTaken):
        await ControlServer(path, {}).start()
    assert await asked(path, do="calls")
    dead = tmp_path / "dead.sock"
    server = await asyncio.start_unix_server(lambda reader, writer: None, dead)
    server.close()
    assert dead.exists()
    with pytest.raises(NoSwitch, match="no switch runs here"):
        await asked(dead, do="calls")
    second = ControlServer(dead, {"calls": calls})
    await second.start()
    assert await asked(dead, do="calls")
    await second.close()


async def test_a_switch_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    server = await asyncio.start_unix_server(lambda reader, writer: asyncio.sleep(5), tmp_path / "slow.sock")
    with pytest.raises(NoSwitch, match=r"did not answer within 0.2 seconds"):
        await asyncio.to_thread(ask, tmp_path / "slow.sock", {"do": "calls"}, 0.2)
    server.close()
