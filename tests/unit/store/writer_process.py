"""A process of eight nodes that write money to one database, for as long as nobody kills it: `python -m` this URL NAME RUN LOG.

Each node is as a switch is: it first closes what its predecessor of the same name left open, then goes on with calls, bundles,
refunds and top-ups that others bring too. What the database answered goes into LOG, a line each; it ends when its input does.
"""
import asyncio
import os
import random
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from dialplans.model import Source
from dialplans.plan import Bundle
from switch.core.ids import PersonId
from switch.core.money import Millipence
from switch.ledger.charge import hold_of
from switch.ledger.postings import SiteAccount, move, person_account
from switch.store.calls import CloseCall, CloseLost, NotEnoughCredit, OnCall, OpenCall, open_unknown, post, request_row
from switch.store.database import Store
from switch.store.given import SellBundle
from switch.store.seeding import AddCredit
from switch.store.stamps import stamp
from switch.store.tables import cdrs, postings
from tests.unit.store.site import AT, decision, ended, request

WRITERS = 8
PEOPLE = [PersonId(f"W{n}000AA") for n in range(12)]
"""The first is poor, and everybody's to ring for."""
REFERENCES = 400
OFFER = Bundle("10 minutes", date(2026, 1, 1), None, 600, Millipence(30_000), False, frozenset({"mobile"}), Source("a.toml", 1))


def worth(number: int) -> tuple[PersonId, Millipence]:
    """Whom the top-up of this number is for, and how much it is: the same whoever brings it."""
    return PEOPLE[number % len(PEOPLE)], Millipence(1000 + number)


class GiveBack:
    """Unit: a call refunded once, as the desk does it."""

    def __init__(self, call: str, person: PersonId) -> None:
        self.call, self.person = call, person

    def __call__(self, conn: Connection) -> bool:
        name = f"refund:{self.call}"
        charged = conn.execute(select(cdrs.c.charged).where(cdrs.c.id == self.call)).scalar_one()
        if not charged or conn.execute(select(postings.c.seq).where(postings.c.reference == name)).first():
            return False
        post(conn, move(name, SiteAccount.INCOME_CALLS, person_account(self.person), Millipence(charged)), stamp(AT))
        return True


class Node:
    def __init__(self, name: str, run: str, store: Store, log: int) -> None:
        self.name, self.run, self.store, self.log = name, run, store, log
        self.chance = random.Random(f"{name}/{run}")
        self.closed: list[tuple[str, PersonId]] = []

    def say(self, *words: object) -> None:
        os.write(self.log, (" ".join(map(str, words)) + "\n").encode())  # one write a line: no kill tears it

    async def work(self, over: asyncio.Event) -> None:
        for call in await self.store.read(lambda conn: open_unknown(conn, self.name, frozenset())):
            self.say("lost", call, await self.store.write(CloseLost(call, AT)))
        self.say("ready", self.name)
        step = 0
        while not over.is_set():
            step += 1
            await self.one(f"{self.name}-{self.run}-{step}")

    async def one(self, name: str) -> None:
        person = PEOPLE[0] if self.chance.random() < 0.4 else self.chance.choice(PEOPLE)
        try:
            match self.chance.randrange(6):
                case 0:
                    number = self.chance.randrange(REFERENCES)
                    who, amount = worth(number)
                    self.say("top-up", number, await self.store.write(AddCredit(who, amount, f"top-up:{number}", "test", AT)))
                case 1:
                    self.say("bundle", name, await self.store.write(SellBundle(person, OFFER, name, "kiosk", AT)))
                case 2 if self.closed:
                    call, who = self.chance.choice(self.closed)
                    self.say("refund", call, await self.store.write(GiveBack(call, who)))
                case _:
                    await self.call(name, person)
        except (NotEnoughCredit, OnCall) as error:
            self.say("refused", type(error).__name__)

    async def call(self, name: str, person: PersonId) -> None:
        asked, decided = request(name), replace(decision(name))
        await self.store.write(OpenCall(asked, request_row(asked, person, decided, self.name), hold_of(decided)))
        self.say("opened", name)
        await asyncio.sleep(self.chance.uniform(0, 0.03))
        talked = self.chance.uniform(1, 100)
        self.say("closed", name, await self.store.write(CloseCall(ended(asked, decided, person, talked), self.name)))
        self.closed.append((name, person))


async def main(url: str, name: str, run: str, log: Path) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    stores = [Store(url, patience=60.0) for _ in range(WRITERS)]
    await asyncio.gather(*(Node(f"{name}{n}", run, store, file).work(over) for n, store in enumerate(stores)))
    for store in stores:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])))
