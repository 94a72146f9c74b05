"""The settings: one frozen tree, a help text on each field, and what each value must look like.

A field's annotation carries `Help`; `switch.settings.load` reads and checks by it, `switch.settings.describe` writes
`docs/settings.md` from it, so that neither can forget a field. Values that are only right together are in `checks`.
"""
from collections.abc import Callable
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeGuard

from switch.settings import checks


class Secret(str):
    """Text that never shows itself in a repr, so that neither a log nor a traceback can print it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'" if self else "''"


@dataclass(frozen=True, slots=True)
class Help:
    """What a setting is for, in the words of docs/settings.md, and a check of one value: None, or what is wrong with it."""

    text: str
    check: Callable[[str], str | None] | None = None
    at_least: float | None = None
    at_most: float | None = None
    under: str = ""
    """A relative path is taken from the setting of this name instead of from the folder of the file."""


@dataclass(frozen=True, slots=True)
class PortRange:
    """UDP ports, both ends included, written "20000-29999"."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def is_section(kind: Any) -> TypeGuard[type]:
    """Whether a field's type is a table of settings and not a value."""
    return isinstance(kind, type) and is_dataclass(kind) and kind is not PortRange


def _path(text: str) -> Path:
    return Path(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """This machine: its name, and where it keeps what must survive a restart."""

    name: Annotated[
        str, Help("Name of this node on the live board and in its journal: letters, digits and hyphens.", checks.name)
    ] = "node-1"
    state_dir: Annotated[
        Path, Help("Folder for the database, the journal, the sockets and everything else the node must keep.")
    ] = _path("state")
    journal: Annotated[
        Path, Help("Folder of the node's own journal of calls; a relative path is inside state_dir.", under="state_dir")
    ] = _path("journal")
    drain_seconds: Annotated[
        float,
        Help(
            "How long calls that talk may go on after the switch was told to stop; both sides are told.",
            at_least=0, at_most=3600,
        ),
    ] = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishmentSettings:
    """The prison that this node serves. Its time zone is the plan's."""

    name: Annotated[str, Help("The establishment as staff write it, such as HMP Wick Hill.", checks.filled)]
    plan: Annotated[
        str, Help("Name of the plan that decides about calls: NAME.toml in the plans folder, or a shipped plan.", checks.name)
    ] = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class SipSettings:
    """Where telephones and the trunk reach the switch."""

    host: Annotated[str, Help("IP address to listen on for SIP.", checks.address)] = "127.0.0.1"
    advertised: Annotated[
        str,
        Help(
            "IP address written into Via and Contact; empty for the one listened on, needed when that is 0.0.0.0.",
            checks.address_or_empty,
        ),
    ] = ""
    udp: Annotated[int, Help("UDP port for SIP.", at_least=1, at_most=65535)] = 5060


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """An access network of telephones. What is asked of a telephone belongs to its network, never to its user, so that an
    unknown user gets the same answer."""

    name: Annotated[str, Help("Name of the network in logs.", checks.name)]
    sources: Annotated[
        tuple[str, ...],
        Help("Address ranges (CIDR) that telephones of this network send from; ranges may not overlap.", checks.cidr),
    ]
    digest: Annotated[Literal["MD5", "SHA-256"], Help("The one digest algorithm that is asked for here (RFC 8760).")] = "SHA-256"
    allow_no_qop: Annotated[bool, Help("Accept answers without qop (RFC 2069), as some old telephones send; MD5 only.")] = False
    realm: Annotated[str, Help("Digest realm; a telephone's password is stored hashed with it.", checks.realm)] = "wingline"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkSettings:
    """The way to the telephone network outside."""

    host: Annotated[str, Help("Where calls to the outside are sent: IP address or host name of the carrier.", checks.host)]
    port: Annotated[int, Help("The carrier's UDP port.", at_least=1, at_most=65535)] = 5060
    cli: Annotated[str, Help("The number shown to whoever is called, as +E.164.", checks.e164)]
    user: Annotated[str, Help("User name, if the carrier asks for one.")] = ""
    password: Annotated[Secret, Help("Password that goes with it.")] = Secret("")
    sources: Annotated[
        tuple[str, ...],
        Help(
            "Address ranges (CIDR) the carrier sends from, beside host and port exactly; needed when host is a name.",
            checks.cidr,
        ),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """The sound of calls."""

    bind: Annotated[str, Help("IP address that RTP is received on.", checks.address)] = "127.0.0.1"
    advertised: Annotated[
        str, Help("IP address written into SDP; empty for the one bound, needed when that is 0.0.0.0.", checks.address_or_empty)
    ] = ""
    ports: Annotated[PortRange, Help("UDP ports for RTP and RTCP, four for each call.")] = PortRange(20000, 29999)
    drain_seconds: Annotated[
        float, Help("How long a freed port stays bound, so that a new call cannot hear an old one.", at_least=0.5, at_most=60)
    ] = 2.0
    silence_seconds: Annotated[
        float, Help("A leg that sends nothing for so long has lost its media, and its call ends.", at_least=2, at_most=600)
    ] = 20.0
    inband_digits: Annotated[bool, Help("Also hear keys as tones in the sound, for parties that send no RFC 4733 events.")] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSettings:
    """Where recordings are written while calls run, and where they are kept (docs/recordings.md). How much room must stay free is
    the plan's to say."""

    dir: Annotated[
        Path, Help("Folder of what is written while calls run and, unless objects says otherwise, of sealed recordings.")
    ] = _path("recordings")
    lines: Annotated[int, Help("How many lines the plan's reserve of room is reckoned for.", at_least=1, at_most=100000)] = 100
    master_key: Annotated[
        Path,
        Help(
            "File of the master key that wraps the key of every recording, 32 bytes; `wingline init` makes it. Whoever loses it "
            "loses all recordings; without it no call is placed that must be recorded."
        ),
    ] = _path("keys/master.key")
    signing_key: Annotated[
        Path, Help("File of the key that signs what was recorded (Ed25519, PEM); `wingline init` makes it.")
    ] = _path("keys/signing.key")
    objects: Annotated[
        str,
        Help("Where sealed recordings are kept: folder (inside dir), or s3://BUCKET/PREFIX for an S3 store.", checks.objects_url),
    ] = "folder"
    opus_copy: Annotated[
        bool, Help("Make a copy in Ogg/Opus of each recording as it is sealed: a quarter of its size, for slow lines.")
    ] = False
    s3_endpoint: Annotated[
        str, Help("Address of the S3 store; empty for Amazon's own in the region.", checks.http_or_empty)
    ] = ""
    s3_region: Annotated[str, Help("Region of the bucket.", checks.filled)] = "eu-west-2"
    s3_key: Annotated[str, Help("Access key of the S3 store; empty for the machine's own role.")] = ""
    s3_secret: Annotated[Secret, Help("Secret that goes with it.")] = Secret("")

    @property
    def spools(self) -> Path:
        """The folder of what is written while calls run."""
        return self.dir / "spool"

    @property
    def vault(self) -> Path:
        """The folder of sealed recordings, where they are in one."""
        return self.dir / "vault"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionSettings:
    """Speech to text of recordings (docs/recordings.md). Needs the extra `transcribe`; without a model nothing is transcribed."""

    engine: Annotated[Literal["vosk", "whisper"], Help("The engine: vosk, or faster-whisper.")] = "vosk"
    models: Annotated[Path, Help("Folder of the models that `wingline models add` put there.")] = _path("models")
    model: Annotated[str, Help("Name of the model to use; empty for no transcription.", checks.model_or_empty)] = ""
    language: Annotated[
        str, Help("Language of the model, as its two-letter code; whisper is told it.", checks.language)
    ] = "en"
    jobs: Annotated[
        int, Help("Recordings that this machine transcribes at once, each on a processor of its own.", at_least=1, at_most=64)
    ] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """The log of who did what (docs/audit.md)."""

    checkpoint_minutes: Annotated[
        float,
        Help("How often the worker signs the head of the log and puts it where recordings are kept.", at_least=0.1, at_most=1440),
    ] = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """The database that holds the truth."""

    url: Annotated[
        str,
        Help(
            "sqlite for the file wingline.db in state_dir, sqlite:///PATH, or postgresql://USER@HOST/NAME for a PostgreSQL "
            "from 15 on; what may follow a question mark is libpq's (sslmode, host as the folder of a socket).",
            checks.store_url,
        ),
    ] = "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """Where the live board and other things that may be lost are kept."""

    url: Annotated[
        str,
        Help(
            "embedded (a Valkey of our own on a unix socket in state_dir), a redis://, rediss:// or unix:// address, or off.",
            checks.redis_url,
        ),
    ] = "embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansSettings:
    """The plan files of this site."""

    dir: Annotated[Path, Help("Folder of the site's own plan files.")] = _path("plans")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivilegedSettings:
    """The estate's list of numbers that nobody may listen to (docs/privileged.md)."""

    list: Annotated[
        Path,
        Help(
            "The signed list; its signature lies beside it, with .sig after the name. Without one, no call is placed that "
            "would be recorded."
        ),
    ] = _path("privileged.toml")
    key: Annotated[
        Path, Help("Public key that the list is verified with (Ed25519, PEM). The signing key is kept elsewhere.")
    ] = _path("privileged.pub")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningSettings:
    """What tickets to listen to a call are signed with and checked by (docs/privilege.md)."""

    signing_key: Annotated[
        Path,
        Help(
            "Key that tickets are signed with (Ed25519, PEM), for the console, and for a worker that is to write down calls "
            "while they run; no file, and nobody hears a call live."
        ),
    ] = _path("listening.key")
    key: Annotated[
        Path, Help("Public key that the switch checks tickets with; no file, and it lets nobody listen.")
    ] = _path("listening.pub")


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySettings:
    """The number that the canary call rings each day (docs/privileged.md), answered on this machine and not outside."""

    number: Annotated[
        str,
        Help("A number of the signed list as +E.164; empty for no canary. Nobody outside may have it.", checks.e164_or_empty),
    ] = ""
    port: Annotated[int, Help("UDP port of loopback on which it is answered while it rings.", at_least=1, at_most=65535)] = 5070


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSettings:
    """What the switch says."""

    dir: Annotated[
        Path, Help("Folder of the site's own prompt recordings, other languages in folders by code; else the shipped ones.")
    ] = _path("prompts")
    language: Annotated[
        str, Help("The site's own language: what a telephone speaks until it knows who calls.", checks.language)
    ] = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What the roles say on standard error. Numbers and names of people are never logged at info."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Help("Least level that is written.")] = "info"
    format: Annotated[Literal["json", "text"], Help("json for machines, text for people.")] = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """Where staff's pages and the JSON API are served, in plain HTTP: other machines reach it through a proxy of yours that does
    TLS, and browsers by public_url."""

    host: Annotated[str, Help("IP address to listen on; loopback unless a proxy elsewhere must reach it.", checks.address)] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Help("TCP port; 0 for any that is free, which console.address in state_dir then tells.", at_least=0, at_most=65535)
    ] = 8480
    requests_a_minute: Annotated[
        int, Help("Requests a minute that one key may make; more are answered with 429.", at_least=1, at_most=1000000)
    ] = 1200
    refusals_a_minute: Annotated[
        int,
        Help(
            "Requests a minute from one address that may fail for want of a good key; then it gets 429.",
            at_least=1, at_most=10000,
        ),
    ] = 20
    public_url: Annotated[
        str,
        Help(
            "The address that browsers know the console by, https://console.example; empty where they come to host and port "
            "itself, as on the machine. With https, cookies are for https alone.",
            checks.http_or_empty,
        ),
    ] = ""
    idle_minutes: Annotated[
        float, Help("Whoever asks for nothing for so long is signed out.", at_least=1, at_most=120)
    ] = 15.0
    session_hours: Annotated[
        float, Help("Whoever is signed in has to sign in again after so long, whatever they do.", at_least=0.5, at_most=24)
    ] = 12.0
    fresh_code_minutes: Annotated[
        float,
        Help("For export, erasure, roles and keys a code is asked for again where the last is older.", at_least=1, at_most=60),
    ] = 5.0
    sign_ins_a_minute: Annotated[
        int, Help("Tries a minute to sign in, of one address and of one account.", at_least=1, at_most=1000)
    ] = 10
    body_bytes: Annotated[
        int, Help("Longest body of a request, in bytes; a load of people is the longest.", at_least=1024, at_most=200000000)
    ] = 20000000


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilySettings:
    """The page for families (docs/families.md), which the console role serves in plain HTTP on an address of its own: the world
    reaches it through a proxy of yours that does TLS."""

    on: Annotated[bool, Help("Whether it is served at all.")] = False
    host: Annotated[str, Help("IP address to listen on; loopback unless a proxy elsewhere must reach it.", checks.address)] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Help("TCP port; 0 for any that is free, which families.address in state_dir then tells.", at_least=0, at_most=65535)
    ] = 8481
    public_url: Annotated[
        str,
        Help(
            "The address that browsers know it by, https://families.example, the only one that it answers to; empty where they "
            "come to host and port itself. With https, cookies are for https alone.",
            checks.http_or_empty,
        ),
    ] = ""
    proxy: Annotated[
        str,
        Help(
            "IP address of the proxy, whose X-Forwarded-For is believed; empty believes nobody's, and visitors through a proxy "
            "then share its address and its limits.",
            checks.address_or_empty,
        ),
    ] = ""
    codes_an_hour: Annotated[
        int, Help("How often an hour a code may be asked for one number, whoever asks.", at_least=1, at_most=20)
    ] = 3
    codes_a_day: Annotated[int, Help("How often a day a code may be asked for one number.", at_least=1, at_most=100)] = 6
    codes_by_address: Annotated[
        int, Help("How often an hour one address may ask for a code, for whatever numbers.", at_least=1, at_most=1000)
    ] = 5
    codes_in_all: Annotated[
        int, Help("How often an hour a code may be asked for by everybody together.", at_least=1, at_most=100000)
    ] = 120
    requests_a_minute: Annotated[
        int, Help("Requests a minute that one address may make.", at_least=1, at_most=100000)
    ] = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """How much is taken on at once."""

    calls: Annotated[int, Help("Calls at once; one more hears that all lines are busy.", at_least=1, at_most=100000)] = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that `wingline.toml` may say; a running switch has it from `switch.settings.load.load_settings` alone."""

    example: Annotated[
        bool,
        Help(
            "This is the example site: nothing may listen on any address but loopback. Only the file can say "
            "so, never the environment.",
        ),
    ] = False
    node: Annotated[NodeSettings, Help("")] = field(default_factory=NodeSettings)
    establishment: Annotated[EstablishmentSettings, Help("")]
    sip: Annotated[SipSettings, Help("")] = field(default_factory=SipSettings)
    network: Annotated[tuple[NetworkSettings, ...], Help("")]
    trunk: Annotated[TrunkSettings, Help("")]
    media: Annotated[MediaSettings, Help("")] = field(default_factory=MediaSettings)
    recordings: Annotated[RecordingSettings, Help("")] = field(default_factory=RecordingSettings)
    transcription: Annotated[TranscriptionSettings, Help("")] = field(default_factory=TranscriptionSettings)
    audit: Annotated[AuditSettings, Help("")] = field(default_factory=AuditSettings)
    store: Annotated[StoreSettings, Help("")] = field(default_factory=StoreSettings)
    redis: Annotated[RedisSettings, Help("")] = field(default_factory=RedisSettings)
    plans: Annotated[PlansSettings, Help("")] = field(default_factory=PlansSettings)
    privileged: Annotated[PrivilegedSettings, Help("")] = field(default_factory=PrivilegedSettings)
    listening: Annotated[ListeningSettings, Help("")] = field(default_factory=ListeningSettings)
    canary: Annotated[CanarySettings, Help("")] = field(default_factory=CanarySettings)
    prompts: Annotated[PromptSettings, Help("")] = field(default_factory=PromptSettings)
    log: Annotated[LogSettings, Help("")] = field(default_factory=LogSettings)
    console: Annotated[ConsoleSettings, Help("")] = field(default_factory=ConsoleSettings)
    families: Annotated[FamilySettings, Help("")] = field(default_factory=FamilySettings)
    limits: Annotated[LimitSettings, Help("")] = field(default_factory=LimitSettings)

    @property
    def store_url(self) -> str:
        """SQLAlchemy address of the store, `sqlite` spelled out."""
        return f"sqlite:///{self.node.state_dir / 'wingline.db'}" if self.store.url == "sqlite" else self.store.url

    @property
    def journal_file(self) -> Path:
        """This node's journal; who runs as its switch holds the lock beside it."""
        return self.node.journal / f"{self.node.name}.journal"

    @property
    def redis_url(self) -> str | None:
        """Address for redis-py, None when there is to be no live board."""
        match self.redis.url:
            case "off":
                return None
            case "embedded":
                return f"unix://{self.redis_socket}"
        return self.redis.url

    @property
    def redis_socket(self) -> Path:
        """Where the embedded Valkey listens."""
        return self.node.state_dir / "valkey.sock"

    @property
    def control_socket(self) -> Path:
        """Where the switch of this node takes commands."""
        return self.node.state_dir / "control.sock"

    @property
    def console_address(self) -> Path:
        """The file that says where the console of this node listens."""
        return self.node.state_dir / "console.address"

    @property
    def families_address(self) -> Path:
        """The file that says where the page for families listens."""
        return self.node.state_dir / "families.address"

    @property
    def token_key(self) -> Path:
        """The file with what signs the supplier API's tokens."""
        return self.node.state_dir / "token.key"

    @property
    def sip_address(self) -> str:
        """The address that Via and Contact show."""
        return self.sip.advertised or self.sip.host

    @property
    def media_address(self) -> str:
        """The address that SDP shows."""
        return self.media.advertised or self.media.bind
