"""Small made-up packages that hold a file in parts: as wheels in a folder that pip and uv take for their index."""

import base64
import hashlib
import zipfile
from itertools import pairwise
from pathlib import Path

FILE = "{name}/data/part.bin"


def split(data: bytes, count: int) -> list[bytes]:
    """Parts of unequal length."""
    size = len(data) // count
    cuts = [*(size * place - place for place in range(count)), len(data)]
    return [data[start:end] for start, end in pairwise(cuts)]


def write_wheel(folder: Path, package: str, data: bytes, *, code: str = "raise SystemExit('imported')\n") -> Path:
    """A wheel of `NAME==VERSION` with one data file, and with code that must never run."""
    name, _, version = package.partition("==")
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": code.encode(),
        FILE.format(name=module): data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: torch\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def install(wheel: Path, site: Path) -> None:
    """What pip does with a wheel of plain files."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
