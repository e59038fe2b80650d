"""What the PACS window is made of: systems, search, studies, the receiver."""
