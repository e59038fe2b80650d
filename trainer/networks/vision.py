"""Torchvision, imported without PyTorch's compiler: one of its operators asks for a name of it, no backbone does.

The compiler is half of what an import of torchvision costs: 1.0 s of 2.4, and 150 MB. A training imports it all the
same, with its first step; who only reads ages never does.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

COMPILER: Final = "torch._dynamo"
UTILS: Final = f"{COMPILER}.utils"


class _StandIn(ModuleType):
    """Knows the one name; asked for any other, it makes way for the real module."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        _make_way()
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def _without_compiler() -> Iterator[None]:
    if COMPILER in sys.modules:
        yield
        return
    compiler, utils = _StandIn(COMPILER), _StandIn(UTILS)
    spec = find_spec(COMPILER)
    compiler.__path__ = list(spec.submodule_search_locations or []) if spec else []
    utils.__dict__["is_compile_supported"] = lambda _device: False
    sys.modules.update({COMPILER: compiler, UTILS: utils})
    try:
        yield
    finally:
        _make_way()


def _make_way() -> None:
    for name in (COMPILER, UTILS):
        if isinstance(sys.modules.get(name), _StandIn):
            del sys.modules[name]


with _without_compiler():
    import torchvision

__all__ = ["torchvision"]
