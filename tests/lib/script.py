# SPDX-License-Identifier: BSD-2-Clause
"""A Python program without a suffix, as a module: what tests use of those in scripts/."""
import importlib.machinery
import importlib.util
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load(path):
    """The module that the program at `path`, from the top of the source, is."""
    loader = importlib.machinery.SourceFileLoader(path.replace("/", "_").replace("-", "_"),
                                                  os.path.join(TOP, path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module       # dataclasses look themselves up there
    loader.exec_module(module)
    return module
