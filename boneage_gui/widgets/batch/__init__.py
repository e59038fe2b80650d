"""A folder of radiographs: what is to be read and made, and the rows that come."""
