"""Windows compose widgets and wire them; they do nothing themselves."""
