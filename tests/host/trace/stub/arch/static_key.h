/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_STATIC_KEY_H
#define ARCH_STATIC_KEY_H
struct static_key {
	int enabled;
};
#define static_key_enabled(key) ((key)->enabled)
#endif
