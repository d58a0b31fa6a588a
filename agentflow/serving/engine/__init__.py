"""The loop that owns one model: schedule, batch, decode, sample."""
