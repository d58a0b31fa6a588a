"""models.yaml: the models a project may use, and their roles."""
