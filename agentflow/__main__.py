"""`python -m agentflow`: for whoever has the package but not its script on PATH."""

from agentflow.cli import main

main()
