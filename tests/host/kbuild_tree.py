# SPDX-License-Identifier: BSD-2-Clause
"""A small kernel-shaped source tree around the real build files, so that tests of the build
take seconds, may edit sources, and do not depend on what the kernel's sources are today."""

import os
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What the build consists of; copied, so that a test may change it.
BUILD_FILES = ["Makefile", "Kconfig", "configs", "scripts/build", "scripts/kconfig",
               "scripts/config", "scripts/diffconfig", "scripts/kallsyms.py", "scripts/setup",
               "arch/arm64/kernel.lds.S", "arch/arm64/include/arch/layout.h",
               "include/lib/kconfig.h", "include/kernel/sections.h",
               "include/kernel/kallsyms.h", "kernel/kallsyms.c", "kernel/config_data.S"]

SOURCES = {
    "include/lib/types.h": """\
#pragma once
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned long size_t;
#define NULL ((void *)0)
""",
    "include/lib/string.h": """\
#pragma once
#include <lib/types.h>
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
""",
    "arch/arm64/Makefile": "obj-y += head.o\n",
    "arch/arm64/head.S": """\
	.section .head.text, "ax"
	.global _start
_start:	b start_kernel
	.quad __image_size
""",
    "kernel/Makefile": """\
obj-y += sched/ main.o flagged.o
obj-$(CONFIG_KALLSYMS) += kallsyms.o
obj-$(CONFIG_IKCONFIG) += config_data.o
CFLAGS_flagged.o := -DFLAG=7
""",
    "kernel/main.c": """\
#include <kernel/kallsyms.h>
#include <generated/utsrelease.h>
#include <lib/string.h>
unsigned long __stack_chk_guard;
void __stack_chk_fail(void);
void __stack_chk_fail(void) { }
int sched(void);
int flagged(void);
int mm(void);
void start_kernel(void);
const char *volatile seen = UTS_RELEASE;
void start_kernel(void)
{
	seen = kallsyms_lookup((u64)start_kernel, NULL, NULL);
	for (;;)
		sched(), flagged(), mm();
}
""",
    "kernel/flagged.c": "int flagged(void);\nint flagged(void) { return FLAG; }\n",
    "kernel/sched/Makefile": """\
obj-$(CONFIG_SCHED_RR) += rr.o
obj-$(CONFIG_SCHED_EEVDF) += eevdf.o
""",
    "kernel/sched/rr.c": "int sched(void);\nint sched(void) { return 1; }\n",
    "kernel/sched/eevdf.c":
        "int sched(void);\nint sched(void) { return CONFIG_SCHED_SLICE_US; }\n",
    "mm/Makefile": "obj-y += mm.o\nccflags-y := -DIN_MM\n",
    "mm/mm.c": """\
#ifndef IN_MM
#error the folder's flags are lost
#endif
int mm(void);
int mm(void) { return __LINE__ + sizeof(__FILE__) + IS_ENABLED(CONFIG_SMP); }
""",
    "block/Makefile": "obj-y += block.o\n",
    "block/block.c": "int block(void);\nint block(void) { return 2; }\n",
    "lib/Makefile": "obj-y += string.o\n",
    "lib/string.c": """\
#include <lib/string.h>
size_t strlen(const char *s) { size_t n = 0; while (s[n]) n++; return n; }
int strcmp(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return *a - *b; }
""",
    "usr/Makefile": "initramfs:\n\t@mkdir -p $(O)/usr; touch $(O)/usr/initramfs.cpio\n",
}


class Tree:
    """The source tree at .top, with helpers to run its make and scripts."""

    def __init__(self, top):
        self.top = str(top)
        for name in BUILD_FILES:
            source, target = os.path.join(TOP, name), self.path(name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if os.path.isdir(source):
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        for folder, _, files in os.walk(TOP):
            if "third_party" in folder or "/build" in folder[len(TOP):]:
                continue
            if "Kconfig" in files and folder != TOP:
                target = self.path(os.path.relpath(folder, TOP), "Kconfig")
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy2(os.path.join(folder, "Kconfig"), target)
        for name, text in SOURCES.items():
            self.write(name, text)
        os.symlink(os.path.join(TOP, "third_party"), self.path("third_party"))

    def path(self, *names):
        return os.path.join(self.top, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def run(self, *command, status=0, **env):
        """The output of the command; its exit status must be the one given (None: any but 0)."""
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith("MAKE") and k not in ("MFLAGS", "O", "V", "KCONFIG_CONFIG")}
        done = subprocess.run(command, cwd=self.top, env={**clean, **env}, check=False, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120)
        good = done.returncode != 0 if status is None else done.returncode == status
        assert good, f"{command}: status {done.returncode}\n{done.stdout}"
        return done.stdout

    def make(self, *goals, status=0, **env):
        return self.run("make", *goals, status=status, **env)

    def compiled(self, *goals):
        """The objects that make compiles now."""
        return {line.split()[1] for line in self.make(*goals).splitlines()
                if line.split()[:1] in (["CC"], ["AS"])}
