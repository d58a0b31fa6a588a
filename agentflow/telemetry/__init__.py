"""What the parts tell of themselves when they are asked to: spans of one trace (OpenTelemetry), metrics (Prometheus)."""
