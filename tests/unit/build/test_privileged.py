"""The signed list on an example site: signature, both memories, the switch's keeper, and the command line with its guards."""
import asyncio
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dialplans.privileged import Accepted, PrivilegedList, accepted
from switch.build.list_desk import sign_list, standing
from switch.build.privileged import MEMORY, Keeper, read_standing, recall, remember
from switch.build.signing import KeyProblem, check, make_keys, sign
from switch.build.site import read_settings
from switch.cli import app
from switch.core.facts import SignedListFacts
from switch.core.numbers import read_dialled
from switch.settings.cast import CANARY, MOTHER, SOLICITOR
from switch.settings.tree import Settings
from switch.store.errors import StoreUnavailable
from tests.ready import write_example

Wingline = Callable[..., Any]
COURT = ('[[number]]\nnumber = "01632 960202"\nname = "Wick Hill Crown Court"\nkind = "court"\nsince = 2026-01-05\n'
         'verified = "x"\n')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_example(tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def settings(folder: Path) -> Settings:
    return read_settings(folder)


@pytest.fixture
def wingline(folder: Path) -> Wingline:
    return lambda *args: CliRunner().invoke(app, [*args, "--dir", str(folder)])


def signed(folder: Path, text: str, file: str = "privileged.toml") -> Path:
    """A list of the example's own signer."""
    (folder / file).write_text(text, "utf-8")
    sign_list(folder / file, folder / "signing" / "privileged.key", None)
    return folder / file


def taken(standing_list: PrivilegedList | None) -> PrivilegedList:
    assert standing_list is not None
    return standing_list


def test_the_examples_list_stands_and_its_signing_key_is_for_its_owner(folder: Path, settings: Settings) -> None:
    found = read_standing(settings, None)
    assert found.problems == ()
    assert found.facts(read_dialled("020 7946 0130")) == SignedListFacts(1, "Hartnell and Quill, solicitors", "")
    assert found.facts(read_dialled("18001 020 7946 0130")).name is not None
    assert found.facts(read_dialled(MOTHER)) == SignedListFacts(1, None, "")
    assert found.facts(read_dialled("12x")) == SignedListFacts(1, None, "")
    assert stat.S_IMODE((folder / "signing" / "privileged.key").stat().st_mode) == 0o400


@pytest.mark.parametrize("missing", ["privileged.toml", "privileged.toml.sig", "privileged.pub"])
def test_a_file_that_is_missing_is_no_list(folder: Path, settings: Settings, missing: str) -> None:
    (folder / missing).unlink()
    found = read_standing(settings, None)
    assert found.list is None
    assert missing in found.problems[0]
    assert found.facts(read_dialled(SOLICITOR)).serial == 0


def test_one_changed_byte_another_key_or_no_signature_is_no_list(folder: Path, settings: Settings, tmp_path: Path) -> None:
    text = (folder / "privileged.toml").read_bytes()
    (folder / "privileged.toml").write_bytes(text.replace(b"solicitors", b"Solicitors"))
    assert "does not fit" in read_standing(settings, None).problems[0]
    (folder / "privileged.toml").write_bytes(text)
    assert read_standing(settings, None).list is not None
    for nonsense in (b"", b"not base64 at all", b"\xff\xfe"):
        (folder / "privileged.toml.sig").write_bytes(nonsense)
        assert "does not fit" in read_standing(settings, None).problems[0]
    make_keys(tmp_path / "other.key", tmp_path / "other.pub")
    (folder / "privileged.toml.sig").write_bytes(sign(text, tmp_path / "other.key"))
    assert "does not fit" in read_standing(settings, None).problems[0]
    with pytest.raises(KeyProblem, match="already"):
        make_keys(tmp_path / "other.key", tmp_path / "new.pub")
    with pytest.raises(KeyProblem, match="no private key"):
        sign(text, tmp_path / "other.pub")
    with pytest.raises(KeyProblem, match="no key in PEM"):
        check(text, b"", b"x")


def test_each_memory_alone_holds_a_list_that_shrank(folder: Path, settings: Settings) -> None:
    both = signed(folder, "serial = 2\n" + (folder / "privileged.toml").read_text("utf-8").replace("serial = 1", "") + COURT)
    before = taken(read_standing(settings, None).list)
    signed(folder, "serial = 3\n" + COURT, both.name)
    assert read_standing(settings, None).list is not None, "nothing remembers a list yet"
    by_sql = read_standing(settings, accepted(before)).problems
    assert [number for number in (SOLICITOR, CANARY) if any(number in problem for problem in by_sql)] == [SOLICITOR, CANARY]
    remember(settings.node.state_dir, before)
    assert recall(settings.node.state_dir) == accepted(before)
    assert read_standing(settings, None).problems == by_sql
    ordered = "".join(f'[[removed]]\nnumber = "{number}"\norder = "MoJ 14"\nname = "D. Governor"\n'
                      for number in (SOLICITOR, CANARY))
    signed(folder, f"serial = 3\n{COURT}{ordered}")
    assert read_standing(settings, accepted(before)).list is not None
    (settings.node.state_dir / MEMORY).write_text("{", "utf-8")
    assert MEMORY in read_standing(settings, accepted(before)).problems[0]


class Node:
    """What a keeper asks of its switch."""

    def __init__(self, settings: Settings) -> None:
        self.sql: Accepted | None = None
        self.away = False
        self.alarms: list[str] = []
        self.keeper = Keeper(settings, self._recall, self._accept, self._alarm)

    async def _recall(self) -> Accepted | None:
        if self.away:
            raise StoreUnavailable("away")
        return self.sql

    async def _accept(self, found: PrivilegedList) -> None:
        self.sql = accepted(found)

    async def _alarm(self, text: str) -> None:
        self.alarms.append(text)

    def serial(self) -> int:
        return self.keeper.listed(read_dialled(MOTHER)).serial


async def test_a_running_switch_takes_a_new_list_and_drops_a_bad_one_at_the_second_look(folder: Path, settings: Settings) -> None:
    node = Node(settings)
    assert node.serial() == 0
    await node.keeper.look()
    assert node.serial() == 1
    assert node.sql == recall(settings.node.state_dir)
    good = (folder / "privileged.toml").read_text("utf-8")
    signed(folder, good.replace("serial = 1", "serial = 2") + COURT)
    await node.keeper.look()
    assert (node.serial(), node.alarms) == (2, [])
    assert node.keeper.listed(read_dialled("01632960202")).name == "Wick Hill Crown Court"
    signed(folder, "serial = 3\n" + COURT)
    await node.keeper.look()
    assert node.serial() == 2, "the two files may be half way through a replacement"
    await node.keeper.look()
    assert node.serial() == 0
    assert len(node.alarms) == 1
    assert SOLICITOR in node.alarms[0]
    await node.keeper.look()
    assert len(node.alarms) == 1
    signed(folder, good.replace("serial = 1", "serial = 4") + COURT)
    await node.keeper.look()
    assert node.serial() == 4


async def test_with_the_database_gone_the_node_remembers(folder: Path, settings: Settings) -> None:
    node = Node(settings)
    await node.keeper.look()
    shrunk = Node(settings)
    shrunk.away = True
    signed(folder, "serial = 2\n" + COURT)
    await shrunk.keeper.look()
    assert shrunk.serial() == 0
    assert SOLICITOR in shrunk.alarms[0]


def test_from_a_new_key_to_a_list_in_place(folder: Path, wingline: Wingline, tmp_path: Path) -> None:
    assert "list 1 stands: 2 numbers" in wingline("privileged", "verify").stdout
    text = (folder / "privileged.toml").read_text("utf-8").replace("serial = 1", "serial = 2")
    new = tmp_path / "privileged.toml"
    new.write_text(text + COURT, "utf-8")
    key = str(folder / "signing" / "privileged.key")
    refused = wingline("privileged", "import", str(new))
    assert refused.exit_code == 1
    assert "privileged.toml.sig: cannot be read" in refused.stderr
    assert CliRunner().invoke(app, ["privileged", "sign", str(new), "--key", key]).exit_code == 0
    done = wingline("privileged", "import", str(new), "--staff", "governor")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in wingline("privileged", "show", "--json").stdout.splitlines()]
    assert [row["number"] for row in rows] == [SOLICITOR, CANARY, "+441632960202"]
    shrunk = tmp_path / "shrunk.toml"
    shrunk.write_text("serial = 3\n" + COURT, "utf-8")
    before = ["privileged", "sign", str(shrunk), "--key", key, "--before", str(new)]
    assert SOLICITOR in CliRunner().invoke(app, before).stderr
    assert CliRunner().invoke(app, before[:-2]).exit_code == 0
    for emptied in (None, folder / "state" / MEMORY):
        if emptied is not None:
            emptied.unlink()
        for command in ("import", "verify"):
            refused = wingline("privileged", command, str(shrunk))
            assert refused.exit_code == 1
            assert f"{SOLICITOR} was on the accepted list 2 and is lost" in refused.stderr
    assert "list 2 stands" in wingline("privileged", "verify").stdout
    bad = CliRunner().invoke(app, ["privileged", "keygen", key, str(tmp_path / "a.pub")])
    assert (bad.exit_code, "is there already" in bad.stderr) == (1, True)


def test_contacts_are_not_loaded_nor_is_the_database_migrated_under_a_list_that_shrank(
    folder: Path, settings: Settings, wingline: Wingline, tmp_path: Path) -> None:
    assert wingline("privileged", "import", str(folder / "privileged.toml")).exit_code == 0
    old = (folder / "privileged.toml").read_text("utf-8")
    signed(folder, "serial = 2\n" + COURT)
    rows = tmp_path / "contacts.csv"
    rows.write_text("person,number,name,kind\nA1001AA,01632960190,Ruth Marsh,social\n", "utf-8")
    for dry in ((), ("--dry-run",)):
        refused = wingline("people", "load", "contacts", str(rows), *dry)
        assert refused.exit_code == 1
        assert SOLICITOR in refused.stderr
    explained = wingline("explain", "--person", "A1001AA", "--to", MOTHER)
    assert "privileged-list-stands" in explained.stdout
    assert explained.exit_code == 1
    shutil.move(folder / "state" / "wingline.db", tmp_path / "lost.db")  # the node remembers: no new database is made either
    for left in (folder / "state").glob("wingline.db-*"):
        left.unlink()
    refused = CliRunner().invoke(app, ["init", str(folder)])
    assert refused.exit_code == 1
    assert SOLICITOR in refused.stderr
    shutil.move(tmp_path / "lost.db", folder / "state" / "wingline.db")
    signed(folder, old.replace("serial = 1", "serial = 3"))
    assert wingline("people", "load", "contacts", str(rows)).exit_code == 0
    assert asyncio.run(asyncio.to_thread(standing, settings)).problems == ()
