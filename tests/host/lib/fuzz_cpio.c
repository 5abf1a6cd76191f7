/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer: any bytes as a cpio archive; every byte an entry points to is read. */
#include <stdlib.h>
#include <string.h>
#include <lib/cpio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned int sink;
static const uint8_t *begin, *end;

static int on_entry(void *ctx, const struct cpio_entry *e)
{
	const uint8_t *p = e->data;

	if (!e->namelen || strlen(e->name) != e->namelen || e->offset >= (size_t)(end - begin))
		abort();
	if (p < begin || p + e->size > end)
		abort();
	for (size_t i = 0; i < e->size; i++)
		sink += p[i];
	return 0;
}

static void on_error(void *ctx, size_t offset, const char *why)
{
	if (offset > (size_t)(end - begin) || !*why)
		abort();
	++*(int *)ctx;
}

static ssize_t on_foreign(void *ctx, const void *data, size_t len)
{
	return *(const uint8_t *)data < 0x20 ? 1 : -EINVAL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cpio_ops ops = {
		.entry = on_entry, .foreign = on_foreign, .error = on_error,
	};
	int errors = 0, rc;

	begin = data;
	end = data + size;
	rc = cpio_parse(data, size, &ops, &errors);
	if (rc != (errors ? -EINVAL : 0) || errors > 1)
		abort();
	return 0;
}
