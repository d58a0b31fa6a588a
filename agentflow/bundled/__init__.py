"""The content that ships. A wheel carries the folders next to this file; a checkout keeps them at the top."""

from pathlib import Path

ROOT = Path(__file__).parent
if not (ROOT / "models.yaml").is_file():
    ROOT = ROOT.parents[1]
    __path__ = [str(ROOT)]
