"""The version, in a module of its own: what names it need not import the whole package's face."""

__version__ = "0.1.0"
