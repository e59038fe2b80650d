"""The augmentation lab's parts that are no widgets: what it asks for and when, its files."""
