"""What ends a call of a model and not the run: research goes on with what it has, and the report says so."""

from agentflow.errors import BudgetSpent, ContextOverflow
from agentflow.models.client.errors import Malformed

CUT_SHORT = (BudgetSpent, ContextOverflow, Malformed)
