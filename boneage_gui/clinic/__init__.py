"""What a clinician needs around the number. Knows no Qt."""
