/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world in which a system call is tried: the same files, descriptors and memory each time.
 *
 * The arena is memory at a fixed address, so that addresses are the same on every kernel:
 * structures as the calls take them, then pages of each kind, then a hole.
 */
#ifndef USR_ABI_FIXTURE_H
#define USR_ABI_FIXTURE_H

#include <stdint.h>

#define ARENA		0x20000000UL
#define PAGE		4096UL
#define OBJECT_SIZE	256UL

/* The objects, each of at most OBJECT_SIZE bytes. */
#define ABI_OBJECTS(X) \
	X(TEXT) X(ONE) X(TS_MS) X(TS_ZERO) X(TS_BADNS) X(TS_NEG) X(TS_OMIT) X(TS_NOW) \
	X(IT_ZERO) X(IT_HOUR) X(IT_BAD) X(ITS_ZERO) X(ITS_HOUR) X(ITS_BAD) X(SET_USR1) X(IOV) \
	X(IOV2) X(IOV_WILD) X(IOV_NEG) X(IOV_HUGE) X(SUN_MISSING) X(SUN_FILE) X(SUN_NEW) \
	X(SUN_ABSTRACT) X(SA_ODD) X(LEN110) X(LEN0) X(LENNEG) X(MSG) X(MSG_BADIOV) \
	X(MSG_MANY) X(MSG_FD) X(RMSG) X(POLLS) X(FDSET) X(FDSET_CLOSED) X(EPEV) X(EPEV_ET) \
	X(EPEV_EXCL) X(RLIM) X(RLIM_BAD) X(HOW) X(HOW_BENEATH) X(HOW_BAD) X(HOW_RES) \
	X(HOW_MODE) X(OFF0) X(OFFNEG) X(ARGV) X(ARGV_BAD) X(SEV_NONE) X(SEV_SIG) X(SEV_BAD) \
	X(SEV_TID) X(CAP_V3) X(CAP_V1) X(CAP_BAD) X(CAP_PID1) X(CAP_NONE) X(SATTR) \
	X(SATTR_FIFO) X(SATTR_SIZE) X(SATTR_PRIO) X(SIGINFO) X(SIGINFO_KERNEL) \
	X(SIGINFO_USER) X(ACT_IGN) X(ACT_DFL) X(ACT_FN) X(SS_GOOD) X(SS_OFF) X(SS_SMALL) \
	X(SS_FLAGS) X(SEM_PLUS) X(SEM_NUM) X(MQ_ATTR) X(CLONE_FORK) X(CLONE_BADTHREAD) \
	X(CLONE_BADSIG) X(CLONE_STACK) X(LOCK_RD) X(LOCK_BAD) X(SIGARG)

#define ABI_NUMBER(name) O_##name,
enum { ABI_OBJECTS(ABI_NUMBER) NR_OBJECTS };
#define ABI_ADDRESS(name) A_##name = ARENA + O_##name * OBJECT_SIZE,
enum abi_address { ABI_OBJECTS(ABI_ADDRESS) A_END = ARENA + NR_OBJECTS * OBJECT_SIZE };
#define A(what)		((uintptr_t)A_##what)

/* The areas, one after the other. */
#define A_0		ARENA
#define A_ZERO		(ARENA + 8 * PAGE)	/* two pages of zeros that nobody writes */
#define A_ONES		(ARENA + 10 * PAGE)	/* a page of 0xff */
#define A_NAME300	(ARENA + 11 * PAGE)	/* a name of 300 letters */
#define A_NAME5000	(ARENA + 12 * PAGE)	/* a path of 5000 */
#define A_SCRATCH	(ARENA + 16 * PAGE)	/* 16 pages to write to */
#define A_READONLY	(ARENA + 32 * PAGE)
#define A_SPARE		(ARENA + 34 * PAGE)	/* four pages that calls may unmap */
#define A_EDGE		(ARENA + 39 * PAGE)	/* the hole begins here */
#define A_UNMAPPED	(ARENA + 48 * PAGE)
#define ARENA_MAPPED	(39 * PAGE)

#define S(text)		((uintptr_t)(text))
#define PID()		getpid()

/* Descriptors; values.txt knows their numbers. Below are 0 to 2, above nothing. */
enum {
	FD_RW = 10, FD_RO, FD_DIR, FD_PIPE_R, FD_PIPE_W, FD_UNIX, FD_PAIR, FD_EPOLL, FD_EVENT,
	FD_NULL, FD_ZERO, FD_OPATH, FD_MEMFD, FD_TIMER, FD_SIGNAL, FD_INOTIFY, FD_PIDFD, FD_PEER
};

/* Maps the arena; once, children inherit it. Ends the program if that cannot be. */
void fixture_memory(void);
/* Makes the files in the current folder. 0 or -1. */
int fixture_files(void);
/* Opens the descriptors. 0 or -1. */
int fixture_descriptors(void);
/* Removes the files again, and what the call may have made. */
void fixture_clean(void);

#endif
