"""From nothing to the files that ship: `python -m starter [--minutes 60] [--draft-minutes 10]`.

Tokenizer, training (data are made meanwhile), GGUF, golden logits, figures. Each step stands alone too; training goes
on from its checkpoint when the command is given again with --resume.
"""

import argparse
import subprocess
import sys

from starter.config import RUNS


def step(*arguments: str) -> None:
    print("»", " ".join(arguments), flush=True)
    subprocess.run([sys.executable, "-m", *arguments], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="of training on this machine")
    parser.add_argument("--draft-minutes", type=float, default=0, help="of training a draft model; 0 makes none")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    resume = ["--resume"] if options.resume else []
    if not (options.resume and (RUNS / "tokenizer.json").exists()):
        step("starter.tokenizer")
    step("starter.train", "--minutes", str(options.minutes), *resume)
    step("starter.export")
    step("starter.golden")
    if options.draft_minutes:
        step("starter.train", "--model", "draft", "--minutes", str(options.draft_minutes), *resume)
        step("starter.export", "--model", "draft", "--q8")
    step("starter.evaluate", "--json", str(RUNS / "figures.json"))


if __name__ == "__main__":
    main()
