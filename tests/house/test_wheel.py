"""What an installed service has beside its code: as much as a checkout has."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("companion", "mappings", "scheduler", "storefront_snippets")


def test_a_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "wsgi.py", "worker.py"):
        shutil.copy(ROOT / name, tmp_path / "source")
    build = "from setuptools.build_meta import build_wheel; build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=tmp_path / "source", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = [path for name in PACKAGES for path in (ROOT / name).rglob("*") if "__pycache__" not in path.parts]
    wanted = {path.relative_to(ROOT).as_posix() for path in ours if path.is_file()}
    assert wanted - held == set()
