"""Makes admin/static/vendor/ and tests/browser/vendor/ anew: what the console's pages take from others, compiled and copied.

For maintainers: python scripts/vendor_assets.py. It needs npm; whoever runs or installs Wingline does not. What it writes is
committed, each file with its licence and hash in manifest.json (tests/unit/admin/test_assets.py looks that they match).
"""
import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "scripts/assets"
MODULES = WORK / "node_modules"
VENDOR = ROOT / "admin/static/vendor"
TESTS = ROOT / "tests/browser/vendor"
SASS = ["node_modules/.bin/sass", "--load-path=.", "--load-path=node_modules", "--style=compressed",
        "--no-source-map", "--quiet-deps", "--quiet", "--silence-deprecation=import", "console.scss", "console.css"]
CROWN = "Copyright (c) Crown Copyright"
"""Both packages of the Government say MIT in package.json and have no licence file: the text is added here."""
MIT = """\
{holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Files of one package, as they are called in it; `name` is that of their folder here."""

    package: str
    name: str
    licence: str
    files: tuple[str, ...]
    to: Path = VENDOR


TAKEN = (
    Taken("govuk-frontend", "govuk-frontend", "MIT", ("dist/govuk/govuk-frontend.min.js",)),
    Taken("@ministryofjustice/frontend", "moj-frontend", "MIT", ("moj/moj-frontend.min.js",)),
    Taken("htmx.org", "htmx", "0BSD", ("dist/htmx.min.js", "LICENSE")),
    Taken("wavesurfer.js", "wavesurfer", "BSD-3-Clause", (
        "dist/wavesurfer.esm.js", "dist/plugins/regions.esm.js", "dist/plugins/timeline.esm.js", "LICENSE")),
    Taken("uplot", "uplot", "MIT", ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE")),
    Taken("axe-core", "axe-core", "MPL-2.0", ("axe.min.js", "LICENSE"), TESTS),
)


def version_of(package: str) -> str:
    return str(json.loads((MODULES / package / "package.json").read_text("utf-8"))["version"])


def clean(text: bytes) -> bytes:
    """Without the names of maps that are not shipped."""
    return re.sub(rb"\n?/[/*]# sourceMappingURL=\S+( \*/)?\s*$", b"\n", text)


def main() -> None:
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=WORK, check=True)
    subprocess.run(SASS, cwd=WORK, check=True)
    css = re.sub(rb"url\([^)]*/vendor/none/[^)]*\)", b"none", (WORK / "console.css").read_bytes())  # pictures that stay behind
    (WORK / "console.css").unlink()
    for mark in (b"GDS Transport", b"crest.", b"crown."):
        assert mark not in css, f"the compiled sheet still has {mark!r}"
    rows: dict[Path, list[dict[str, object]]] = {VENDOR: [], TESTS: []}
    for folder in rows:
        shutil.rmtree(folder, ignore_errors=True)

    def keep(to: Path, folder: str, name: str, content: bytes, package: str, version: str, licence: str) -> None:
        file = to / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
        rows[to].append({"path": f"{folder}/{name}", "package": package, "version": version, "licence": licence,
                         "sha384": digest, "bytes": len(content)})

    for one in TAKEN:
        version = version_of(one.package)
        folder = f"{one.name}-{version}"
        for name in one.files:
            keep(one.to, folder, Path(name).name, clean((MODULES / one.package / name).read_bytes()), one.package, version,
                 one.licence)
        if one.licence == "MIT" and "LICENSE" not in one.files:
            keep(one.to, folder, "LICENSE", MIT.format(holder=CROWN).encode(), one.package, version, one.licence)
    govuk, moj = version_of("govuk-frontend"), version_of("@ministryofjustice/frontend")
    folder = f"look-{govuk}-{moj}"
    both = "govuk-frontend and @ministryofjustice/frontend, compiled from scripts/assets/console.scss"
    keep(VENDOR, folder, "console.css", css, both, f"{govuk} and {moj}", "MIT")
    keep(VENDOR, folder, "LICENSE", MIT.format(holder=CROWN).encode(), both, f"{govuk} and {moj}", "MIT")
    for to, found in rows.items():
        (to / "manifest.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
