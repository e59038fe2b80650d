"""What draws one thing each."""
