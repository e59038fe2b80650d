"""The clinician's desktop application; the only package that knows Qt."""

from __future__ import annotations
