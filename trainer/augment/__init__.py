"""Recipes of augmentations: draw the numbers, then apply them to a canvas.

Training and preview call the same two functions, so any training picture can be shown again with what was
drawn. The recipe "improved" holds the paper's augmentations and ranges, the others are ours; pixels are moved
and changed by albumentations.
"""

from __future__ import annotations

from trainer.augment.drawing import Drawn, draw, random_for
from trainer.augment.painting import Canvas, apply
from trainer.augment.recipes import Recipe, Step
from trainer.augment.shelf import Shelf, offered_recipes, read_recipe, write_recipe
from trainer.augment.shipped import PAPERS, RECIPES
from trainer.augment.transforms import TRANSFORMS, Transform

__all__ = [
    "PAPERS",
    "RECIPES",
    "TRANSFORMS",
    "Canvas",
    "Drawn",
    "Recipe",
    "Shelf",
    "Step",
    "Transform",
    "apply",
    "draw",
    "offered_recipes",
    "random_for",
    "read_recipe",
    "write_recipe",
]
