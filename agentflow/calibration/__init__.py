"""What a model can be trusted with, measured on the made-up island that ships: `agentflow models calibrate`."""
