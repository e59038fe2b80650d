"""What stands around the number: reference, readings, reports."""
