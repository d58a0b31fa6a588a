"""A project as a site: search, evidence and verdicts of its corpus for others, under a policy and with an audit log."""
