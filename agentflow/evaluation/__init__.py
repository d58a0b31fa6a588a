"""Suites of cases run as durable runs, scored, and compared with intervals and exact tests."""
