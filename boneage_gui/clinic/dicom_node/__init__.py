"""The talk with other DICOM systems: asking, fetching, sending, receiving. Knows no Qt."""
