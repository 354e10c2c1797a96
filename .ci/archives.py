"""Check that wheel and sdist hold every file of the linked folders, as files and not as links."""

import sys
import tarfile
import zipfile
from pathlib import Path

FOLDERS = ("model", "agents", "experiments")


def contents(archive: Path) -> dict[str, bytes]:
    """The plain files of an archive; a link is not among them."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as sdist:
        plain = [member for member in sdist.getmembers() if member.isreg()]
        return {m.name.split("/", 1)[1]: sdist.extractfile(m).read() for m in plain}


ours = [f for folder in FOLDERS for f in Path(folder).rglob("*") if f.is_file() and "__pycache__" not in f.parts]
for archive in map(Path, sys.argv[1:]):
    held = contents(archive)
    wrong = [str(f) for f in ours if held.get(f"stackrace/{f.as_posix()}") != f.read_bytes()]
    if wrong or "stackrace/py.typed" not in held:
        sys.exit(f"{archive.name} lacks {', '.join(wrong) or 'py.typed'}: see package_data in setup.cfg")
    print(f"{archive.name}: all {len(ours)} files of {', '.join(FOLDERS)}")
