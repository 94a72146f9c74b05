"""CSV as staff hand it in and take it out: UTF-8, a heading row, commas. Every bad row is told by its line."""
import csv
import io
from collections.abc import Iterable, Sequence

from switch.desk.asking import Problem

MOST_BYTES = 200_000_000
Row = dict[str, str]
Rows = Sequence[tuple[int, Row]]


def read_table(text: str, needed: Sequence[str], optional: Sequence[str] = ()) -> tuple[Rows, list[Problem]]:
    """Every good row with its line in the file (that of its end, where it spans several), blanks around values gone, empty rows
    left out; and every bad one. A table without its headings, or with others, has no good rows."""
    if len(text) > MOST_BYTES:
        return [], [Problem("too-long", f"the file is longer than {MOST_BYTES} characters")]
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    problems: list[Problem] = []
    rows: list[tuple[int, Row]] = []
    heading: list[str] = []
    try:
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if not heading:
                heading = [value.strip().lower() for value in values]
                if wrong := _bad_heading(heading, needed, optional):
                    return [], [Problem("bad-heading", wrong, reader.line_num)]
            elif len(values) != len(heading):
                told = f"{len(values)} values where the heading has {len(heading)}"
                problems.append(Problem("bad-row", told, reader.line_num))
            else:
                rows.append((reader.line_num, {name: value.strip() for name, value in zip(heading, values, strict=True)}))
    except csv.Error as error:
        problems.append(Problem("bad-csv", f"this is no CSV: {error}", reader.line_num))
    if not heading and not problems:
        problems.append(Problem("empty", f"the file is empty: it begins with a heading, {','.join(needed)}"))
    return rows, problems


def write_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """What `read_table` reads back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue()


def _bad_heading(heading: list[str], needed: Sequence[str], optional: Sequence[str]) -> str:
    missing = [name for name in needed if name not in heading]
    unknown = [name for name in heading if name not in (*needed, *optional)]
    if missing:
        return f"the heading lacks {', '.join(missing)}"
    if unknown:
        return f"the heading has {', '.join(map(repr, unknown))}, which nobody here knows"
    return "the heading names a column twice" if len(set(heading)) != len(heading) else ""
