# SPDX-License-Identifier: BSD-2-Clause
"""Command lines of the programs in scripts/: what is wrong with one is said in one line."""
import argparse


class Parser(argparse.ArgumentParser):
    """Leaves the usage to --help, where it does not hide what is wrong."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")
