"""`wingline doctor`: what this machine can do, measured, against what the site needs."""
import asyncio
import json
from typing import Any

from dialplans.transcribing import Fit
from recordings.transcribe.engine import EngineProblem
from switch.cli.common import HERE, Dir, Json, Now, fail, open_site, say, warn
from switch.store.errors import StoreError


def command(as_json: Json = False, folder: Dir = HERE, now: Now = None) -> None:
    """Measure how many hours of calls this machine transcribes in a day, and say which tiers of the monitoring queue that does.
    Takes some seconds of a processor. Exits 1 where a model is configured and cannot be used."""
    from switch.build import doctor, site  # the engines' part is needed by no other command

    found = open_site(folder, now)
    told = found.settings.transcription
    if not told.model:
        say("no model is configured (transcription.model): nothing is transcribed, and calls go on")
        return

    async def load() -> dict[Any, float]:
        store = site.open_store(found.settings)
        try:
            return await doctor.past_load(store, found.clock.wall())
        finally:
            await store.close()

    try:
        past = asyncio.run(load())
    except StoreError as error:
        warn([f"{error}: the plan's word is taken for what is recorded"])
        past = {}
    try:
        able = doctor.ability(told, found.plan.transcribing, past)
    except EngineProblem as error:
        raise fail(f"{error}; nothing is transcribed, and calls go on") from None
    if as_json:
        tiers = [{"tier": one.tier, "hours": round(one.hours, 1), "done": round(one.done, 1)} for one in able.tiers]
        say(json.dumps({"record": "ability", "engine": able.engine, "model": able.model, "from_past": able.from_past,
                        "hours_per_core_hour": round(able.measured.hours_per_core_hour, 1), "jobs": able.at_once,
                        "hours_a_day": round(able.hours_a_day, 1), "tiers": tiers}))
        return
    whence = "as recorded in the last four weeks" if able.from_past else "as the plan expects"
    say(f"{able.engine} {able.model}: {able.measured.hours_per_core_hour:.1f} hours of calls in an hour of a processor "
        f"({able.measured.audio:.0f} s measured)",
        f"with transcription.jobs = {able.at_once}: {able.hours_a_day:.0f} hours a day, if nothing else needs those processors",
        f"a day, {whence}:", *(_fit(one) for one in able.tiers))


def _fit(one: Fit) -> str:
    how = "fits" if one.whole else f"{one.done:.0f} hours of it fit" if one.done else "does not fit"
    return f"  {one.tier or 'all that is in no tier':<24} {one.hours:7.1f} hours: {how}"
