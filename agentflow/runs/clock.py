"""The store's clock: what several processes compare, they compare by one clock."""

NOW = "((julianday('now') - 2440587.5) * 86400.0)"  # Unix seconds with milliseconds, as an SQL expression
