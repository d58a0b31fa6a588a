"""Proposals for the next tokens. The target model verifies each, so no drafter can change an answer."""
