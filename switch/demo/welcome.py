"""Where the console of the example site is, and who may sign in there."""
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp


def welcome(folder: Path, example: Mapping[str, Any], address: str) -> str:
    """A line for each account of the example; the codes of its authenticators are made on the spot."""
    lines = [f"The console: {address}  Sign in as one of these; `wingline users code NAME --dir {folder}` prints the code:"]
    lines += [f"  {user['name']:<14} {user['password']:<18} {user['role']}" for user in example["console"]["users"]]
    return "\n".join(lines)


def code_of(example: Mapping[str, Any], user: str, at: datetime) -> str | None:
    """The code of this moment for an account of the example; None for nobody's."""
    found = next((one for one in example.get("console", {}).get("users", ()) if one["name"] == user), None)
    return pyotp.TOTP(found["totp_secret"]).at(at) if found else None
