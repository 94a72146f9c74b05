"""What one value must look like: each check returns None, or what is wrong in words that tell how to put it right."""
import re
from difflib import get_close_matches
from ipaddress import ip_address, ip_network

from switch.core.numbers import E164, read_number

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
_HOST = re.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(?:\.(?!-)[A-Za-z0-9-]{1,63})*")
_REALM = re.compile(r'[\x21\x23-\x5b\x5d-\x7e][\x20\x21\x23-\x5b\x5d-\x7e]{0,99}')
_WEAK = frozenset({
    "password", "passw0rd", "secret", "changeme", "change-me", "default", "admin", "administrator", "root", "guest", "test",
    "example", "letmein", "qwerty", "wingline", "asterisk", "1234", "12345", "123456", "1234567", "12345678", "123456789", "0000",
})


def did_you_mean(word: str, known: "list[str] | tuple[str, ...] | frozenset[str] | set[str]") -> str:
    """`; did you mean "x"?` where a known word is near, else nothing."""
    near = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def name(value: str) -> str | None:
    return None if _NAME.fullmatch(value) else "must be 1 to 63 letters, digits and hyphens, starting with a letter or digit"


def filled(value: str) -> str | None:
    return None if value.strip() and value.isprintable() else "must not be empty, nor hold control characters"


def address(value: str) -> str | None:
    try:
        ip_address(value)
    except ValueError:
        return f'"{value}" is not an IP address'
    return None


def address_or_empty(value: str) -> str | None:
    if not value:
        return None
    problem = address(value)
    if problem is None and ip_address(value).is_unspecified:
        return f'"{value}" is nobody\'s address: others cannot send to it'
    return problem


def cidr(value: str) -> str | None:
    try:
        ip_network(value)
    except ValueError as error:
        return f"not an address range: {error}"
    return None


def host(value: str) -> str | None:
    if address(value) is None or (_HOST.fullmatch(value) and not value.replace(".", "").isdigit()):
        return None
    return f'"{value}" is neither an IP address nor a host name'


def realm(value: str) -> str | None:
    return None if _REALM.fullmatch(value) else "must be 1 to 100 printable ASCII characters without quotes and backslashes"


def e164(value: str) -> str | None:
    if value.startswith("+") and isinstance(read_number(value), E164):
        return None
    return f'"{value}" is not a number in the form +441632960000'


def e164_or_empty(value: str) -> str | None:
    if not value or str(read_number(value)) == value:
        return None
    return f'"{value}" is not a number in the form +441632960000, without blanks'


def store_url(value: str) -> str | None:
    if value == "sqlite" or re.fullmatch(r"sqlite:///.+|postgresql(\+psycopg)?://[^/]*/[^/]+(\?.*)?", value):
        return None
    return 'must be "sqlite", "sqlite:///PATH" or "postgresql://USER@HOST/NAME"'


def objects_url(value: str) -> str | None:
    if value == "folder" or re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/\s]+)*", value):
        return None
    return 'must be "folder" or "s3://BUCKET" or "s3://BUCKET/PREFIX"'


def http_or_empty(value: str) -> str | None:
    if not value or re.fullmatch(r"https?://[^/\s]+/?", value):
        return None
    return "must begin with https:// or http://, or be empty"


def redis_url(value: str) -> str | None:
    if value in ("embedded", "off") or re.fullmatch(r"(?:rediss?://|unix:///).+", value):
        return None
    return 'must be "embedded", "off", or an address that begins with redis://, rediss:// or unix:///'


def language(value: str) -> str | None:
    return None if re.fullmatch(r"[a-z]{2,3}", value) else 'must be a language code such as "en"'


def model_or_empty(value: str) -> str | None:
    fits = not value or re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value)
    return None if fits else "must be the name of a model: letters, digits, dots and hyphens, 64 at most"


def password(value: str, user: str) -> str | None:
    """A default, the user's own name, or too short to be anybody's choice."""
    if value.lower() in _WEAK or (user and value.lower() == user.lower()):
        return "this is a default password that everybody tries first; choose another"
    if len(value) < 8:
        return "a password has at least 8 characters"
    return None
