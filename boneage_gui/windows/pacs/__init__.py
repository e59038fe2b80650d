"""Other DICOM systems beside the main window: searched, received from, sent to."""
