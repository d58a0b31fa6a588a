"""Experiments on data files: profile, hypotheses, analysis in the sandbox, verdict, a folder that can be run again."""
