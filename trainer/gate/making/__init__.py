"""How the gate is made: pictures of every kind, its training, and the figures of its card."""
