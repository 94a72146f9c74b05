"""Templates, and how they write times, money and numbers."""
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from admin.pages.assets import asset
from switch.core.money import Millipence, whole_pence

UTC = "UTC"


def local(at: datetime | None, zone: str, form: str = "%-d %b %Y, %H:%M") -> str:
    """A moment by the establishment's own clock; a dash for none."""
    return "–" if at is None else at.astimezone(ZoneInfo(zone)).strftime(form)


def pounds(amount: Millipence) -> str:
    """`£1.05`; whole pence, rounded as on a statement."""
    pence = whole_pence(amount)
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100}.{abs(pence) % 100:02}"


def minutes(seconds: float) -> str:
    """`3:05`"""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def words(code: Any) -> str:
    """A code of ours as words: `public-protection` is Public protection."""
    text = str(code).replace("-", " ").replace("_", " ")
    return text[:1].upper() + text[1:]


def environment() -> Environment:
    """Everything is escaped; a name that a page forgot is an error and not a blank."""
    made = Environment(loader=PackageLoader("admin"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True, extensions=["jinja2.ext.do"])
    made.globals["asset"] = asset
    made.filters.update(local=local, pounds=pounds, minutes=minutes, words=words)
    return made
