"""An evidence pack: its own verifier believes it without us, and nothing that is done to any file of it; nobody else is in it."""
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from recordings.anchoring import Anchors, fetched
from recordings.checkpoints import read
from recordings.evidence.gather import NotProven
from recordings.evidence.make import make_pack
from recordings.evidence.pack import packed
from recordings.keys import Signer, fits
from recordings.looks import wav_header
from recordings.objects import Objects, folder_objects
from recordings.vault import Vault
from switch.store.audit import append_audit
from tests.unit.store.site import ANN, AT, BEN, Site, make_site
from tests.vaults import SIGNER, close_recorded, keep, make_vault, voices

VERIFIER = Path(str(files("recordings.evidence").joinpath("verify.py")))
CALL, OTHER = "6925a1b2-0000000000000001", "6925a1b2-0000000000000002"
SOUND = voices(2.0)
WORDS = {"engine": "vosk", "model": "small", "language": "en", "words": [
    {"channel": "left", "start": 0.1, "end": 0.4, "text": "hello", "confidence": 0.9}]}
FILES = ("pack.json", "audio.wav", "manifest.json", "audit.json", "custody.json", "transcript-lead.json", "README.txt",
         "verify.py", "keys/site.pub", "keys/fingerprint.txt", "conversation.vcon.json")


@dataclass
class Estate:
    site: Site
    objects: Objects
    vault: Vault = field(init=False)

    def __post_init__(self) -> None:
        self.vault = make_vault(self.site.store, self.site.folder / "spools", objects=self.objects)

    async def noted(self, *rows: tuple[str, dict[str, str], dict[str, str]]) -> None:
        """Rows by an officer: action, subject, words."""
        def unit(conn: Connection) -> None:
            for action, subject, words in rows:
                append_audit(conn, AT, "j.osei", action, subject, {"authority": "a-7"}, words)
        await self.site.store.write(unit)

    async def anchor(self, minutes: int) -> None:
        await Anchors(self.site.store, self.objects, SIGNER, fits).write(AT + timedelta(minutes=minutes))

    async def pack(self, as_vcon: bool = True) -> bytes:
        anchored = [(read(text, (SIGNER.public,), fits), text) for _, text in sorted(await fetched(self.objects))]
        return await make_pack(self.site.store, self.vault, SIGNER, anchored, CALL, "the Crown Court at Wick Hill", AT,
                               as_vcon=as_vcon)


@pytest_asyncio.fixture
async def estate(tmp_path: Path) -> AsyncIterator[Estate]:
    """A call that was recorded and heard, amid what is done about others, and the pack's own disclosure under a checkpoint."""
    made = Estate(await make_site(tmp_path), folder_objects(tmp_path / "vault"))
    await made.anchor(0)
    await keep(made.vault, made.site.store, tmp_path / "spools", CALL, SOUND, person=ANN)
    await close_recorded(made.site.store, OTHER, voices(1.0), person=BEN)
    await made.vault.put_part(CALL, "transcript", json.dumps(WORDS).encode())
    await made.anchor(10)
    await made.noted(("person-changed", {"person": BEN}, {"reason": "a hunger strike"}))
    await made.anchor(20)
    await made.noted(
        ("recording-played", {"recording": CALL}, {"reason": "ordered by the court"}),
        ("monitoring-noted", {"call": CALL, "person": ANN}, {"reason": "our source says so"}),
        ("recording-played", {"recording": OTHER}, {"reason": "another matter"}),
        ("evidence-disclosed", {"recording": CALL}, {"reason": "served", "second": "k.marsh", "recipient": "the court"}))
    await made.anchor(30)
    yield made
    await made.site.close()


def opened(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as inside:
        return {name: inside.read(name) for name in inside.namelist()}


def laid_out(inside: dict[str, bytes], folder: Path) -> Path:
    for name, data in inside.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


BARE = """import runpy, sys
for ours in ("switch", "recordings", "dialplans", "admin"):
    sys.modules[ours] = None  # whoever imports it is refused
try:
    import recordings
except ImportError:
    runpy.run_path(sys.argv[1], run_name="__main__")
"""


def bare(verifier: Path, *args: str) -> tuple[int, str]:
    """As a stranger runs it: by itself, and without us."""
    code = f"import sys; sys.argv = {[str(verifier), *args]!r}; sys.argv.insert(1, sys.argv[0])\n{BARE}".replace(
        "runpy.run_path(sys.argv[1]", "del sys.argv[0]; runpy.run_path(sys.argv[0]")
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, cwd="/")
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_alone", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_a_stranger_believes_it(estate: Estate, tmp_path: Path) -> None:
    pack = await estate.pack()
    inside = opened(pack)
    assert set(inside) == set(FILES)
    assert inside["audio.wav"] == wav_header(len(SOUND)) + SOUND
    file, folder = tmp_path / "pack.zip", laid_out(inside, tmp_path / "pack")
    file.write_bytes(pack)
    code, told = bare(folder / "verify.py")
    assert (code, "everything is as it was signed" in told) == (0, True), told
    fingerprint = inside["keys/fingerprint.txt"].decode().strip()
    assert bare(folder / "verify.py", str(file), "--fingerprint", fingerprint)[0] == 0
    assert bare(VERIFIER, str(file), "--fingerprint", "ab" * 32)[0] == 1
    assert bare(VERIFIER, str(tmp_path / "none.zip"))[0] == 2
    assert "what this is" in json.loads(inside["transcript-lead.json"])


async def test_nothing_that_is_done_to_a_file_goes_unseen(estate: Estate, tmp_path: Path, verifier: ModuleType,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    inside = opened(await estate.pack())
    folder = laid_out(inside, tmp_path / "pack")
    monkeypatch.setattr(sys, "argv", [str(VERIFIER), str(folder)])
    assert verifier.main() == 0
    for name in FILES:
        for at in (0, len(inside[name]) // 2, len(inside[name]) - 1):
            flipped = bytearray(inside[name])
            flipped[at] ^= 1
            (folder / name).write_bytes(flipped)
            assert verifier.main() == 1, (name, at)
        assert bare(VERIFIER if name == "verify.py" else folder / "verify.py", str(folder))[0] == 1, f"{name}, told by its own"
        (folder / name).unlink()
        assert verifier.main() == 1, f"{name} taken away"
        (folder / name).write_bytes(inside[name])
    (folder / "more.txt").write_text("put in")
    assert verifier.main() == 1


async def test_a_pack_of_another_key_is_not_the_sites(estate: Estate, tmp_path: Path) -> None:
    """Made by whoever has no key of the site, of files that it signed: the list fits its key, and nothing else does."""
    stranger = Signer(Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    inside = opened(await estate.pack())
    own = {name: data for name, data in inside.items() if name in ("audio.wav", "manifest.json", "audit.json", "custody.json")}
    (tmp_path / "forged.zip").write_bytes(packed(own, {"recording": CALL, "recipient": "x", "made_at": "y"}, stranger))
    code, told = bare(VERIFIER, str(tmp_path / "forged.zip"))
    assert (code, "signed by another key" in told) == (1, True), told


async def test_whoever_has_the_key_cannot_change_what_was_anchored(estate: Estate, tmp_path: Path) -> None:
    """The list signed anew over other custody: the chain still leads to the checkpoints, and not to this."""
    inside = opened(await estate.pack())
    proof = json.loads(inside["audit.json"])
    row = next(one for part in proof["parts"] for one in part["rows"]
               if isinstance(one, dict) and one["action"] == "recording-played")
    row["actor"] = "somebody"
    told = json.loads(inside["custody.json"])
    next(one for one in told["rows"] if one["row"] == row["seq"])["who"] = "somebody"
    changed = {"audio.wav": inside["audio.wav"], "manifest.json": inside["manifest.json"],
               "audit.json": json.dumps(proof).encode(), "custody.json": json.dumps(told).encode()}
    (tmp_path / "forged.zip").write_bytes(packed(changed, {"recording": CALL, "recipient": "x", "made_at": "y"}, SIGNER))
    code, said = bare(VERIFIER, str(tmp_path / "forged.zip"))
    assert (code, "does not lead to the checkpoint" in said) == (1, True), said


async def test_nobody_else_is_in_it_and_no_intelligence(estate: Estate) -> None:
    whole = b"".join(opened(await estate.pack()).values())
    assert b"ordered by the court" in whole, "why it was heard"
    for hidden in (BEN.encode(), OTHER.encode(), b"hunger", b"our source", b"monitoring", b"another matter", b"person-changed"):
        assert hidden not in whole, hidden
    custody = json.loads(opened(await estate.pack())["custody.json"])["rows"]
    assert [row["what"] for row in custody] == [
        "call-opened", "call-closed", "recording-sealed", "recording-played", "evidence-disclosed"]
    played, disclosed = custody[-2:]
    assert (played["who"], played["why"], played["authority"]) == ("j.osei", "ordered by the court", "a-7")
    assert (disclosed["second"], disclosed["recipient"]) == ("k.marsh", "the court")


async def test_only_rows_around_its_own_are_in_the_proof(estate: Estate) -> None:
    proof = json.loads(opened(await estate.pack())["audit.json"])
    assert [(part["from"]["body"]["number"], part["to"]["body"]["number"]) for part in proof["parts"]] == [(1, 2), (3, 4)]


async def test_what_was_erased_is_proven_without_its_sound(estate: Estate, tmp_path: Path) -> None:
    await estate.vault.erase(CALL, "time")
    await estate.anchor(40)
    (tmp_path / "pack.zip").write_bytes(pack := await estate.pack())
    assert "audio.wav" not in opened(pack)
    assert bare(VERIFIER, str(tmp_path / "pack.zip"))[0] == 0
    assert "recording-erased" in opened(pack)["custody.json"].decode()


async def test_what_is_under_no_checkpoint_is_not_said_to_be_proven(estate: Estate) -> None:
    await estate.noted(("recording-played", {"recording": CALL}, {}))
    with pytest.raises(NotProven, match="not under a checkpoint"):
        await estate.pack()
    with pytest.raises(LookupError):
        await make_pack(estate.site.store, estate.vault, SIGNER, [], "none", "x", AT)


async def test_any_byte_of_the_proof_that_is_changed_shows_in_the_chain_itself(estate: Estate, verifier: ModuleType) -> None:
    inside = opened(await estate.pack())
    listed = json.loads(inside["pack.json"])["body"]
    rows, problems = verifier.check_chain(inside, SIGNER.public, listed)
    assert (rows, problems) == (5, [])

    @given(at=st.integers(0, len(inside["audit.json"]) - 1), by=st.integers(1, 255))
    def search(at: int, by: int) -> None:
        whole = bytearray(inside["audit.json"])
        whole[at] ^= by
        try:
            found: tuple[int, list[Any]] = verifier.check_chain(inside | {"audit.json": bytes(whole)}, SIGNER.public, listed)
        except Exception:
            return
        assert found[1], (at, by)

    search()


def test_the_vcon_has_the_call_and_says_that_its_words_are_a_lead() -> None:
    from recordings.evidence.vcon import vcon

    body = {"recording": CALL, "call": CALL, "person": ANN, "number": "+447700900123", "started_at": AT.isoformat(),
            "audio": {"samples": 16000}}
    found = json.loads(vcon(body, b"RIFF", WORDS, AT.isoformat()))
    assert (found["vcon"], found["dialog"][0]["duration"], found["parties"][1]["tel"]) == ("0.4.0", 2.0, "+447700900123")
    assert "lead" in found["analysis"][0]["schema"]
    bare_one = json.loads(vcon(body, None, None, AT.isoformat()))
    assert (bare_one["analysis"], "body" in bare_one["dialog"][0]) == ([], False)
    assert bare_one["uuid"] == found["uuid"], "of the recording"
