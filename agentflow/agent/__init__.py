"""The tool-calling loop that graphs and YAML nodes share."""
