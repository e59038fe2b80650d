"""What the window of the stress test is made of: what is tried, and the table of what came out."""
