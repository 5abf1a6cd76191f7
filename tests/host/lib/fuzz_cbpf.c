/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer: any bytes as a program of classic BPF; what passes must end, and stay in its memory. */
#include <stdlib.h>
#include <string.h>
#include <lib/cbpf.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t loads;

static bool load(const void *data, u32 off, u32 size, u32 *value)
{
	/* Jumps go forward: no more loads than there are instructions. */
	if (!loads--)
		abort();
	*value = off * 2654435761u;
	return off & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u32 len = (u32)(size / sizeof(struct sock_filter));
	struct sock_filter *program = malloc(len * sizeof(*program) + 1);
	u16 *scratch = malloc(len * sizeof(*scratch) + 1);

	memcpy(program, data, len * sizeof(*program));
	/* Spare the fuzzer the end, and what no code has. */
	for (u32 i = 0; i < len; i++)
		program[i].code &= 0xff;
	if (len)
		program[len - 1].code = BPF_RET | BPF_A;
	loads = len;
	if (!cbpf_check(program, len, scratch))
		cbpf_run(program, load, NULL, len);
	free(program);
	free(scratch);
	return 0;
}
