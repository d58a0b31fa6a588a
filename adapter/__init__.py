"""How the adapter of the default model is made: data, training, export. Not part of the package."""
