/* SPDX-License-Identifier: BSD-2-Clause */
/* CTF 1.8, as ctf.c makes it of snapshots and proc_ctf.c shows it. */
#ifndef TRACE_CTF_H
#define TRACE_CTF_H

#include <trace/snapshot.h>

struct seq_file;

void trace_ctf_metadata(struct seq_file *m);
/* Bytes that a stream of this snapshot has at most. */
size_t trace_ctf_stream_max(const struct trace_snapshot *snap);
/* Writes it, using the snapshot up; returns how long it is. */
size_t trace_ctf_stream(void *to, unsigned cpu, struct trace_snapshot *snap);

#endif
