"""How the finder of orientation is made: hands turned at random, its training, and the figures of its card."""
