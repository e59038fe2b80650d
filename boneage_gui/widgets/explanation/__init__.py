"""The explanation's widgets: heat and its scale, regions, the cases most alike."""
