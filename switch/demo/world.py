"""The world outside the prison: one phone on the port where the site expects its carrier, which is everybody that can be rung."""
import asyncio
from dataclasses import dataclass, field

from switch.demo.ground import DemoError
from switch.demo.scenarios import Manner, Outside
from switch.sip.events import DialogId
from switch.softphone.ears import Sounds
from switch.softphone.phone import SoftCall, SoftPhone


@dataclass
class Visit:
    """One number while a scenario uses it: whether it rang, and the call when it was picked up."""

    manner: Outside
    rang: asyncio.Event = field(default_factory=asyncio.Event)
    call: SoftCall | None = None


class World:
    """A number rings as `expect` said; any other is not in service (404)."""

    def __init__(self, host: str, port: int, switch: tuple[str, int], sounds: Sounds) -> None:
        self._at, self._sounds = (host, port), sounds
        self._phone = SoftPhone(host, switch, sounds)
        self._phone.on_ring = self._on_ring
        self._visits: dict[str, Visit] = {}
        self._doing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        host, port = self._at
        try:
            await self._phone.start(port)
        except OSError as error:
            raise DemoError(
                f"UDP port {port} of {host}, where the site expects its carrier, is not free: {error.strerror}. "
                "Stop whatever listens there: the demo plays the families"
            ) from None

    def close(self) -> None:
        for task in self._doing:
            task.cancel()
        self._phone.close()

    def expect(self, number: str, manner: Outside) -> Visit:
        """What `number` does from now on."""
        self._visits[number] = visit = Visit(manner)
        return visit

    def _on_ring(self, number: str, dialog: DialogId) -> None:
        visit = self._visits.get(number)
        if visit is None:
            self._phone.refuse(dialog, 404)
            return
        visit.rang.set()
        task = asyncio.get_running_loop().create_task(self._take(visit, number, dialog))
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def _take(self, visit: Visit, number: str, dialog: DialogId) -> None:
        manner = visit.manner
        self._phone.ring(dialog)
        if manner.manner is Manner.NEVER_ANSWERS:
            return
        await asyncio.sleep(manner.rings)
        if not self._phone.is_ringing(dialog):
            return
        if manner.manner is Manner.IS_BUSY:
            self._phone.refuse(dialog, 486)
            return
        visit.call = call = await self._phone.answer(dialog, number)
        call.sound.say(self._sounds[manner.says])
        match manner.manner:
            case Manner.HANGS_UP:
                await call.sound.ear.hears("announce-short")
                self._phone.hangup(call)
            case Manner.STOPS:
                await call.sound.ear.hears("announce-stop")
                call.sound.press("99")
