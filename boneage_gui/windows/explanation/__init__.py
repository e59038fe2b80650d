"""The explanation beside the radiograph: its door, and the desk that asks for it."""
