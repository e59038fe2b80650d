"""The augmentation lab's widgets: pictures and their ages, a recipe's ranges, before and after."""
