"""Check that wheel and sdist of a folder hold every file of the package, as files and not as links."""

import sys
import tarfile
import zipfile
from pathlib import Path

FOLDERS = ("model", "agents", "experiments")
"""They are below `stackrace` in a wheel, and at the top of an sdist."""


def contents(archive: Path) -> dict[str, bytes]:
    """The plain files of an archive; a link is not among them."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name.removeprefix("stackrace/"): wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as sdist:
        plain = [member for member in sdist.getmembers() if member.isreg()]
        return {m.name.split("/", 1)[1].removeprefix("stackrace/"): sdist.extractfile(m).read() for m in plain}


ours = [f for folder in FOLDERS for f in Path(folder).rglob("*") if f.is_file() and "__pycache__" not in f.parts]
archives = [*Path(sys.argv[1]).glob("*.whl"), *Path(sys.argv[1]).glob("*.tar.gz")]
if len(archives) != 2:
    sys.exit(f"{sys.argv[1]}: holds {len(archives)} archives, not a wheel and an sdist")
for archive in archives:
    held = contents(archive)
    wrong = [str(f) for f in ours if held.get(f.as_posix()) != f.read_bytes()]
    if wrong or "py.typed" not in held:
        sys.exit(f"{archive.name} lacks {', '.join(wrong) or 'py.typed'}: see packages and package_data in setup.cfg")
    print(f"{archive.name}: all {len(ours)} files of {', '.join(FOLDERS)}")
