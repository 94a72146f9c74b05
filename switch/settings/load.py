"""From the text of `wingline.toml` and an environment to one `Settings`, or to every problem that stands in the way.

A syntax error is reported alone, since nothing after it can be trusted; all other problems come together, each with its file
and line. Reads no environment of its own, and of the disk only the files that `*_file` settings name.
"""
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from switch.core.toml_lines import positions
from switch.settings import checks
from switch.settings.together import judge
from switch.settings.tree import Help, PortRange, Secret, Settings, is_section

PREFIX = "WINGLINE_"
ENVIRONMENT = "environment"
Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class SettingsProblem:
    """One thing that is wrong, where it stands, and how to put it right. `line` is 0 for the environment and what is missing
    from the whole file."""

    file: str
    line: int
    field: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field}: {self.text}" if self.field else f"{place}: {self.text}"


def read_text(path: Path) -> str:
    """The whole file as UTF-8; OSError or UnicodeDecodeError when it will not be read."""
    return path.read_text(encoding="utf-8")


def load_settings(
    text: str, file: Path, env: Mapping[str, str] = MappingProxyType({}), read: Callable[[Path], str] = read_text
) -> Settings | list[SettingsProblem]:
    """The settings, or every problem in order of line. `file` names the text and is the folder relative paths start from."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", str(error), re.DOTALL)
        line = int(found[2]) if found and found[2] else text.count("\n") + 1
        return [SettingsProblem(str(file), line, "", f"not valid TOML: {found[1] if found else error}")]
    reader = _Reader(file, positions(text), read)
    overridden = reader.environment(table, env)
    settings = reader.section(Settings, overridden, ())
    for path, problem in judge(reader.good):
        reader.problem(path, problem)
    if reader.problems or not isinstance(settings, Settings):
        return sorted(set(reader.problems))
    return settings


class _Reader:
    """Keeps every value that could be read (`good`), by path, so that checks over several still run when others are bad."""

    def __init__(self, file: Path, lines: Mapping[Key, int], read: Callable[[Path], str]) -> None:
        self.file, self.lines, self.read_file = file, lines, read
        self.from_env: dict[Key, str] = {}
        self.good: dict[Key, Any] = {}
        self.problems: list[SettingsProblem] = []

    def problem(self, path: Key, text: str) -> None:
        if path in self.from_env:
            self.problems.append(SettingsProblem(ENVIRONMENT, 0, self.from_env[path], text))
            return
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        self.problems.append(SettingsProblem(str(self.file), self.lines.get(at, 0), _dotted(path), text))

    def variable(self, name: str, text: str) -> None:
        self.problems.append(SettingsProblem(ENVIRONMENT, 0, name, text))

    def environment(self, table: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
        """The table with `WINGLINE_SECTION__FIELD` laid over it; of the rest only what looks like a slip is a problem."""
        result = {key: dict(value) if isinstance(value, dict) else value for key, value in table.items()}
        sections = {f.name: hints for f in fields(Settings) if (hints := _hints_of_section(f.name))}
        for variable in sorted(name for name in env if name.startswith(PREFIX)):
            section, separator, key = variable.removeprefix(PREFIX).lower().partition("__")
            if not separator:
                slip = next((s for s in sections if section.startswith(f"{s}_")), None)
                if slip is not None:
                    meant = f"{PREFIX}{slip}__{section.removeprefix(slip + '_')}".upper()
                    self.variable(variable, f"did you mean {meant}? Between section and field stand two underscores")
                continue
            if section not in sections:
                hint = checks.did_you_mean(section, set(sections))
                self.variable(variable, f'the environment cannot set section "{section}"{hint}')
                continue
            self.from_env[(section, key)] = variable
            kind = sections[section].get(key)
            target = result.setdefault(section, {})
            if isinstance(target, dict):
                target[key] = env[variable] if kind is None else self.from_text((section, key), kind, env[variable])
                # a secret from the environment stands in for the file's, whichever of its two forms either has
                target.pop(key.removesuffix("_file") if key.endswith("_file") else f"{key}_file", None)
        return result

    def from_text(self, path: Key, kind: Any, text: str) -> Any:
        """What TOML would have had for this text of the environment; text that does not fit stays text and is refused later."""
        kind = _bare(kind)
        if kind is bool:
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
        if kind in (int, float):
            try:
                return int(text) if kind is int else float(text)
            except ValueError:
                return text
        if get_origin(kind) is tuple:
            return [part.strip() for part in text.split(",") if part.strip()]
        return text

    def section(self, kind: type, table: Any, path: Key) -> Any:
        """One dataclass from its table; None when anything in it is bad."""
        if not isinstance(table, dict):
            self.problem(path, f"must be a table, [{_dotted(path)}]")
            return None
        hints = get_type_hints(kind, include_extras=True)
        secrets = {f"{name}_file": name for name, hint in hints.items() if _bare(hint) is Secret}
        for key in table:
            if key not in hints and key not in secrets:
                self.problem((*path, key), f"no such setting{checks.did_you_mean(key, {*hints, *secrets})}")
        table = self.secrets_from_files(table, path, secrets)
        before = len(self.problems)
        values = {f.name: self.field(f, hints[f.name], table, path) for f in fields(kind)}
        return kind(**values) if len(self.problems) == before else None

    def secrets_from_files(self, table: dict[str, Any], path: Key, secrets: Mapping[str, str]) -> dict[str, Any]:
        result = dict(table)
        for key, name in secrets.items():
            named = result.pop(key, None)
            if named is None:
                continue
            if name in result:
                self.problem((*path, key), f'give either "{name}" or "{key}", not both')
            elif not isinstance(named, str):
                self.problem((*path, key), f"must be a text, not {_kind_of(named)}")
            else:
                try:
                    result[name] = self.read_file(self.file.parent / named).rstrip("\r\n")
                except (OSError, UnicodeDecodeError) as error:
                    self.problem((*path, key), f"cannot be read: {getattr(error, 'strerror', None) or error}")
                else:
                    if (*path, key) in self.from_env:
                        self.from_env[(*path, name)] = self.from_env[(*path, key)]
        return result

    def field(self, field: Field[Any], hint: Any, table: dict[str, Any], path: Key) -> Any:
        here: Key = (*path, field.name)
        help_, kind = _help(hint), _bare(hint)
        if field.name not in table:
            if is_section(kind):
                return self.section(kind, {}, here)
            if field.default is MISSING:
                self.problem(here, "is needed")
                return None
            value = field.default
        else:
            before = len(self.problems)
            value = self.value(kind, help_, table[field.name], here)
            if len(self.problems) > before:
                return None
        if isinstance(value, Path):
            value = (self.good.get((*path, help_.under), self.file.parent) if help_.under else self.file.parent) / value
        self.good[here] = value
        return value

    def value(self, kind: Any, help_: Help, raw: Any, path: Key) -> Any:
        if is_section(kind):
            return self.section(kind, raw, path)
        if get_origin(kind) is tuple:
            return self.array(get_args(kind)[0], help_, raw, path)
        if get_origin(kind) is Literal:
            if raw not in get_args(kind):
                hint = checks.did_you_mean(raw, get_args(kind)) if isinstance(raw, str) else ""
                self.problem(path, "must be " + " or ".join(f'"{word}"' for word in get_args(kind)) + hint)
            return raw
        if kind is bool:
            return self.typed(bool, "true or false", raw, path)
        if kind in (int, float):
            return self.number(kind, help_, raw, path)
        text = self.typed(str, "a text", raw, path)
        if text is None:
            return None
        if kind is PortRange:
            return self.port_range(text, path)
        if kind is Path:
            if not text:
                self.problem(path, "must name a path")
            return Path(text)
        wrong = help_.check(text) if help_.check else None
        if wrong:
            self.problem(path, wrong)
        return kind(text)

    def array(self, kind: Any, help_: Help, raw: Any, path: Key) -> tuple[Any, ...]:
        if not isinstance(raw, list):
            self.problem(path, f"must be a list, not {_kind_of(raw)}" if kind is str else f"must be written [[{_dotted(path)}]]")
            return ()
        in_env = path in self.from_env
        return tuple(self.value(kind, help_, item, path if in_env else (*path, at)) for at, item in enumerate(raw))

    def typed(self, kind: type, words: str, raw: Any, path: Key) -> Any:
        if type(raw) is not kind:
            self.problem(path, f"must be {words}, not {_kind_of(raw)}")
            return None
        return raw

    def number(self, kind: Any, help_: Help, raw: Any, path: Key) -> Any:
        if type(raw) is not int and not (kind is float and type(raw) is float):
            self.problem(path, f"must be a {'whole ' if kind is int else ''}number, not {_kind_of(raw)}")
        elif help_.at_least is None or help_.at_most is None or help_.at_least <= raw <= help_.at_most:
            return kind(raw)
        else:
            self.problem(path, f"must be from {help_.at_least:g} to {help_.at_most:g}, not {raw}")
        return None

    def port_range(self, text: str, path: Key) -> PortRange | None:
        found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", text)
        if not found or not 1024 <= int(found[1]) < int(found[2]) <= 65535:
            self.problem(path, f'must be two ports from 1024 to 65535 such as "20000-29999", not "{text}"')
            return None
        return PortRange(int(found[1]), int(found[2]))


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _help(hint: Any) -> Help:
    return next((part for part in get_args(hint) if isinstance(part, Help)), Help(""))


def _hints_of_section(name: str) -> dict[str, Any] | None:
    kind = _bare(get_type_hints(Settings, include_extras=True)[name])
    if not is_section(kind):
        return None
    hints = get_type_hints(kind, include_extras=True)
    return hints | {f"{key}_file": str for key, hint in hints.items() if _bare(hint) is Secret}


def _dotted(path: Key) -> str:
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _kind_of(raw: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(raw), "a date or time")
