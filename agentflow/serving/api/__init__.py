"""The HTTP side: OpenAI's routes, their requests and responses."""
