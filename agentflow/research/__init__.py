"""Evidence and claims: selection by number, support check, citation, report."""
