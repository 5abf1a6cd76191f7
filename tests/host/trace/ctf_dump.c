/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emits events into a ring and writes them as a CTF trace: ctf_dump FOLDER COUNT. Each event
 * of the providers that are built in comes in turn, until there are COUNT. What a reader has to
 * find goes to stdout, an event a line; the last line is how many are lost.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <arch/barrier.h>
#include <arch/irqflags.h>
#include <kernel/cpu.h>
#include <trace/events.h>
#include "../../../trace/ctf.h"

unsigned int nr_cpus_possible = CONFIG_NR_CPUS;
struct cpu cpus[CONFIG_NR_CPUS];

struct cpu *this_cpu(void)
{
	return &cpus[0];
}

u64 host_counter(void)
{
	static u64 counter = 5000;

	return counter += 7;
}

void host_hook(void)
{
}

bool trace_filter_pass(u16 type, u64 a, u64 b)
{
	return true;
}

unsigned long arch_local_irq_save(void)
{
	return 0;
}

void arch_local_irq_restore(unsigned long flags)
{
}

/* As events.c wants it of lib/printf.c. */
int scnprintf(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(buf, size, format, args);
	va_end(args);
	return n < 0 ? 0 : (size_t)n < size ? n : (int)size - 1;
}

/* Wide values in wide fields. */
static u64 value(const struct trace_event *e, unsigned field, u64 n)
{
	u64 v = n * 2654435761u + field * 0x0123456789abcdefull + e->type;

	return e->wide >> field & 1 ? v : (u32)v;
}

static void emit(const struct trace_event *e, u64 n)
{
	u64 v[TRACE_MAX_FIELDS];

	for (unsigned i = 0; i < e->nr_fields; i++)
		v[i] = value(e, i, n);
	switch (e->nr_fields) {
	case 1:
		trace_emit1(e->type, v[0]);
		break;
	case 2:
		trace_emit2(e->type, v[0], v[1]);
		break;
	case 3:
		trace_emit3(e->type, v[0], v[1], v[2]);
		break;
	default:
		trace_emit4(e->type, v[0], v[1], v[2], v[3]);
	}
}

static FILE *create(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

static void write_trace(const char *folder)
{
	struct trace_snapshot snap;
	FILE *file = create(folder, "metadata");
	size_t size;
	void *data;

	trace_ctf_metadata((struct seq_file *)file);
	fclose(file);
	if (trace_snapshot_take(&snap, 0, true))
		exit(1);
	data = malloc(trace_ctf_stream_max(&snap));
	size = trace_ctf_stream(data, 0, &snap);
	file = create(folder, "stream_0");
	fwrite(data, 1, size, file);
	fclose(file);
	free(data);
	trace_snapshot_free(&snap);
}

int main(int argc, char **argv)
{
	u64 count = strtoull(argv[2], NULL, 0);
	struct trace_snapshot snap;

	if (trace_ring_alloc())
		return 1;
	for (u64 n = 0; n < count && nr_trace_events; n++)
		emit(&trace_events[n % nr_trace_events], n);
	write_trace(argv[1]);
	if (trace_snapshot_take(&snap, 0, true))
		return 1;
	for (u64 n = snap.seq; n < count && nr_trace_events; n++) {
		const struct trace_event *e = &trace_events[n % nr_trace_events];

		printf("%s", e->name);
		for (unsigned i = 0; i < e->nr_fields; i++)
			printf(" %s=%llu", e->field[i], (unsigned long long)value(e, i, n));
		printf("\n");
	}
	printf("%llu\n", (unsigned long long)(snap.overwritten + snap.dropped));
	return 0;
}
