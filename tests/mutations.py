# SPDX-License-Identifier: BSD-2-Clause
"""Bugs for scripts/mutate: the area whose boot tests have to notice, or the path of the program of
usr/tests or the folder of tests/host that has to; what is wrong, the file, and the text (there
exactly once) with what takes its place. Keep each small, plausible and buildable.
"""
from collections import namedtuple

Mutation = namedtuple("Mutation", "area what file old new")
MUTATIONS = []


def bugs(area, file, *entries):
    """entries: (what, old, new)."""
    MUTATIONS.extend(Mutation(area, what, file, old, new) for what, old, new in entries)


# ---- arch ----

bugs("arch", "arch/arm64/extable.c",
     ("fix-up search skips an entry", "lo = mid + 1;", "lo = mid + 2;"))
bugs("arch", "arch/arm64/uaccess.S",
     ("faulting clear_user counts 16 bytes too few",
      "10:\tadd\tx1, x1, #32", "10:\tadd\tx1, x1, #16"),
     ("4-byte step of a user copy gives up instead of going on by bytes",
      "maybe\t\\rd, 50f, ldr\tw3, [x1]", "maybe\t\\rd, 91f, ldr\tw3, [x1]"))
bugs("arch", "arch/arm64/include/arch/uaccess.h",
     ("copy_from_user leaves the unread tail as it was",
      "if (unlikely(left))", "if (unlikely(left == n))"),
     ("access_ok allows one byte beyond the user half",
      "end <= TASK_SIZE;", "end <= TASK_SIZE + 1;"))
bugs("arch", "arch/arm64/uaccess_str.c",
     ("strnlen_user reports a length beyond its limit",
      "return done > n ? n + 1 : done;", "return done;"),
     ("strncpy_from_user counts the terminator",
      "return done + __builtin_ctzll(zero) / 8;", "return done + __builtin_ctzll(zero) / 8 + 1;"),
     ("nofault copy reads kernel addresses", "if (!access_ok(src, n))", "if (!access_ok(0, n))"),
     ("user ANDN operation is an AND", "return old & ~arg;", "return old & arg;"))
bugs("arch", "arch/arm64/asid.c",
     ("ASIDs handed out are not marked as used",
      "\tnext_hint = nr + 1;", "\t__clear_bit(nr, in_use);\n\tnext_hint = 1;"),
     ("TTBR0 without the ASID", "| (asid & ASID_MASK) << 48;", "| (asid & 0) << 48;"))
bugs("arch", "arch/arm64/cpufeature.c",
     ("emulated MRS to XZR writes behind x30", "if (rt != 31)", "if (rt != 32)"),
     ("MRS emulation takes every system register",
      "(insn & 0xfffff000) != 0xd5380000", "(insn & 0xffff0000) != 0xd5380000"),
     ("FP taken as absent where it is present",
      "if (fp == 0xf || simd == 0xf)", "if (fp != 0xf || simd != 0xf)"))
bugs("arch", "arch/arm64/fpsimd.c",
     ("restored FP state is not reloaded into the registers",
      "ctx->fp_cpu = FP_NO_CPU;        /* what", "ctx->fp_cpu = cpu_id();        /* what"),
     ("exec leaves the FP unit open", "\tif (task == current)\n\t\tclose_fp(task);\n", ""))
bugs("arch", "arch/arm64/mmu.c",
     ("linear alias of kernel text is writable",
      "text, init, PROT_KERNEL_RO, false", "text, init, PROT_KERNEL, false"),
     ("boot stack has no guard page",
      "set_pte(kernel_walk((vaddr_t)init_stack_guard, &level), PTE_NONE);",
      "kernel_walk((vaddr_t)init_stack_guard, &level);"),
     ("constants are left writable",
      "protect(__start_rodata, __stop_rodata, PROT_KERNEL_RO);",
      "protect(__start_rodata, __stop_rodata, PROT_KERNEL);"))
bugs("arch", "drivers/irqchip/gic-v2.c",
     ("GIC interrupts are never ended", "writel(iar, cpu_if + GICC_EOIR);", ";"),
     ("GIC lets the trigger of an SGI be set",
      "if (virq < 16 || virq >= nr_lines)", "if (virq < 3 || virq >= nr_lines)"))
bugs("arch", "arch/arm64/patch.c",
     ("patching takes unaligned addresses", "if (!in_text(va) || va & 3)", "if (!in_text(va))"),
     ("static keys patched the wrong way round",
      "\tif (on)\n\t\treturn arm64_branch(code, (char *)&e->target", "\tif (!on)\n\t\treturn arm64_branch(code, (char *)&e->target"))
bugs("arch", "arch/arm64/vectors.S",
     ("exception return does not restore x17",
      "ldp\tx16, x17, [sp, #16 * 8]", "ldr\tx16, [sp, #16 * 8]"),
     ("exception entry loses x9 of the interrupted code",
      "stp\tx8, x9, [sp, #16 * 4]", "stp\tx8, x8, [sp, #16 * 4]"))
bugs("arch", "mm/fork.c",
     ("fork leaves writable entries in the TLB", "\t\ttlb_flush_mm(old);", "\t\t;"))
bugs("arch", "mm/protect.c",
     ("mprotect does not flush the TLB", "\t\ttlb_flush_range(mm, first, last);", "\t\t;"))
bugs("arch", "mm/unmap.c",
     ("munmap does not flush the TLB", "\t\ttlb_flush_range(g->mm, g->start, g->end);", "\t\t;"))

# ---- scheduling, waiting, locks, work ----

bugs("sched", "kernel/sched/core.c",
     ("a wake-up before the sleep is lost",
      "\t\tt->state = TASK_RUNNING;\n\t\tgoto out;", "\t\tgoto out;"),
     ("a woken task does not take over from the idle task",
      "if (curr == rq->idle)\n\t\treturn true;", "if (curr == rq->idle)\n\t\treturn false;"),
     ("real-time priorities compared the wrong way",
      "woken->prio < curr->prio", "woken->prio > curr->prio"),
     ("a yielding real-time task stays at the head", "prev->rt_slice < RT_SLICE", "true"),
     ("run time is charged again and again", "\te->exec_start = now;\n", ""),
     ("real-time tasks are picked last",
      "if (unlikely(rt_ready(&rq->rt)))\n\t\treturn pick", "if (false)\n\t\treturn pick"))
bugs("sched", "kernel/sched/change.c",
     ("nice up to 20", "clamp(nice, -20, 19)", "clamp(nice, -20, 20)"),
     ("offline CPUs accepted as affinity", "if (!(mask & online))", "if (!mask || !online)"))
bugs("pi", "kernel/sched/change.c",
     ("what is lent does not reach the policy",
      "\te->nice = task_is_rt(t) || e->idle_policy ? t->nice", "\te->nice = true ? t->nice"))
bugs("pi", "kernel/pi.c",
     ("lending ends after one step", "\t\tt = w->lock->owner;\n\t}", "\t\treturn;\n\t}"),
     ("nothing is given back", "propagate(owner);\n}\n\nvoid pi_set_owner", "}\n\nvoid pi_set_owner"),
     ("a ring over two is not seen", "from = from->pi_blocked->lock->owner;", "break;"),
     ("an old owner keeps what was lent for a lock", "\tpropagate(before);\n", ""),
     ("waiters in the order of arrival",
      "return rb_entry(a, struct pi_waiter, node)->prio <", "return false && rb_entry(a, struct pi_waiter, node)->prio <"))
bugs("sched", "kernel/sched/tick.c",
     ("the tick never ends a turn",
      "\tif (expired)\n\t\tset_need_resched();", "\t(void)expired;"))
bugs("balance", "kernel/sched/balance.c",
     ("what may not run here comes, too", "\t\tif (cpu_allowed(t, to))\n\t\t\treturn t;", "\t\tif (t)\n\t\t\treturn t;"),
     ("an idle CPU leaves those that wait behind one to the tick", "unsigned most = 1;", "unsigned most = 2;"),
     ("real-time tasks go where more urgent ones run", "int least = t->prio;", "int least = -1;"),
     ("real-time tasks come where they may not run",
      "if (task_is_rt(t) && cpu_allowed(t, rq->cpu) && t->prio", "if (task_is_rt(t) && t->prio"),
     ("a woken task leaves its idle CPU", "\t\tif (!least)\n\t\t\treturn home;\n", ""))
bugs("sched", "kernel/sched/rt.c",
     ("a turn of SCHED_RR is not given anew",
      "\tif (t->rt_slice >= RT_SLICE)\n\t\tt->rt_slice = 0;\n", ""),
     ("turns for SCHED_FIFO, none for SCHED_RR", "if (t->policy != SCHED_RR)", "if (t->policy == SCHED_RR)"),
     ("the lower half of the priorities is looked for in the upper",
      ": 64 + __builtin_ctzll(q->ready[1]);", ": __builtin_ctzll(q->ready[1]);"))
bugs("sched", "kernel/sched/core.c",
     ("who is woken and more urgent has to wait for the tick",
      "TRACE(sched_preempt, rq->curr->tid, woken->tid);\n\tresched_rq(rq);",
      "TRACE(sched_preempt, rq->curr->tid, woken->tid);"))
bugs("sched", "kernel/sched/idle.c",
     ("no tick for who comes after idle", "\t\ttick_start();\n", ""))
bugs("sched", "kernel/sched/tick.c",
     ("the tick does not go on", "timer_start(timer, next_tick(ktime_get()));", "(void)timer;"))
bugs("tests/host/sched", "kernel/sched/prio.c",
     ("the worst level runs first", "[__builtin_ctzll(q->ready)]", "[63 - __builtin_clzll(q->ready)]"),
     ("equals take no turns", "q->ready & ((2ull << level) - 1);", "q->ready & ((1ull << level) - 1);"),
     ("an interrupted turn is lost", "add(&queues[cpu], e, !over);", "add(&queues[cpu], e, false);"))
bugs("tests/host/sched", "kernel/sched/rr.c",
     ("a turn is not given anew", "\tif (charge(e)) {\n\t\te->slice_used = 0;\n", "\tif (charge(e)) {\n"),
     ("yield of rr does nothing", "e->slice_used = sched_slice_ns();", "(void)e;"))
bugs("tests/host/sched", "kernel/sched/mlfq.c",
     ("sleep hides what was used", "\tif (charge(e))\n\t\tdemote(e);\n\tasleep", "\tasleep"),
     ("who waits on a better level waits for the whole turn",
      "\tif (q->ready & ((1u << e->level) - 1))\n\t\treturn true;\n", ""),
     ("yield of mlfq does nothing", "yielded(e) = true;", "(void)e;"))
bugs("tests/host/sched", "kernel/sched/eevdf.c",
     ("a request that nobody wants to follow never ends",
      "\tbegin_request(q, curr_v(q));\n\treturn false;", "\treturn false;"),
     ("yield gives up only the request", "\t\tv = others + 1;", "\t\tv = curr_v(q);"),
     ("lag without limit", "clamp((s64)(virtual_time(q) - e->vruntime) * w / (s64)SCHED_WEIGHT_NICE0, -limit,\n\t\t\tlimit);",
      "(s64)(virtual_time(q) - e->vruntime) * w / (s64)SCHED_WEIGHT_NICE0 + 0 * limit;"))
bugs("sched", "kernel/wait.c",
     ("a sleep with timeout ends too early",
      "timer_start(&s.timer, deadline);\n", "timer_start(&s.timer, deadline / 2);\n"))
bugs("wait", "kernel/wait.c",
     ("exclusive sleepers are not marked so",
      "(entry->flags & ~WAIT_EXCLUSIVE) | flag;", "entry->flags & ~WAIT_EXCLUSIVE;"),
     ("wake_up wakes one too many", "&& nr && !--nr)", "&& nr && !nr--)"),
     ("an early wake-up counts as time-out", "return ktime_get() >= deadline;", "return true;"),
     ("a completion is never used up", "\t\tc->done--;\n\tspin_unlock", "\t\t;\n\tspin_unlock"),
     ("complete_all lets one through", "c->done = DONE_FOR_EVER;", "c->done = 1;"),
     ("exclusive sleepers queue at the head",
      "\t\tif (flag)\n\t\t\tlist_add_tail", "\t\tif (!flag)\n\t\t\tlist_add_tail"))
bugs("lock", "kernel/mutex.c",
     ("a sleeper on a mutex is not counted, so not woken",
      "\tinit_wait(&entry);\n\t__atomic_add_fetch(&m->waiters, 1,",
      "\tinit_wait(&entry);\n\t__atomic_add_fetch(&m->waiters, 0,"),
     ("count of mutex sleepers never falls",
      "__atomic_sub_fetch(&m->waiters, 1,", "__atomic_sub_fetch(&m->waiters, 0,"),
     ("a mutex is taken without looking",
      "prepare_to_wait_exclusive(&m->wq, &entry, state);\n\t\tif (",
      "prepare_to_wait_exclusive(&m->wq, &entry, state);\n\t\tif (true || "),
     ("a waiting writer does not keep readers out",
      "__atomic_add_fetch(&s->writers_waiting, 1, __ATOMIC_SEQ_CST);\n",
      "__atomic_add_fetch(&s->writers_waiting, 0, __ATOMIC_SEQ_CST);\n"),
     ("a writer that gives up keeps the call it got",
      "\t\tlockdep_release(s);\n\t\trwsem_wake(s);", "\t\tlockdep_release(s);"))
bugs("work", "kernel/workqueue.c",
     ("a queued item is queued again", "queued = !w->queued;", "queued = true;"),
     ("flush_work does not wait for the running item",
      "!w->queued && running != w", "!w->queued"),
     ("cancelled item stays marked as queued",
      "\t\tlist_del_init(&w->link);\n\t\tw->queued = false;\n\t}\n\tspin_unlock_irqrestore",
      "\t\tlist_del_init(&w->link);\n\t}\n\tspin_unlock_irqrestore"),
     ("the worker is not woken",
      "\tif (queued)\n\t\twake_up(&worker_wait);", "\tif (!queued)\n\t\twake_up(&worker_wait);"))
bugs("tests/host/lwip", "net/lwip/tcp_send.c",
     ("bytes are put behind a segment from the middle", "grows = seg && LWIP_TCP_ENDS_STREAM(pcb, seg)", "grows = seg"),
     ("bytes that found no place are skipped",
      "if (unlikely(ret != bytes))", "if (ret > 0 && (u32)ret < bytes)"))
bugs("tests/host/lwip", "net/lwip/tcp.c",
     ("a connection that rests is closed in its sleep",
      "\tlw_pcb_touch(pcb);\t\t/* its FIN may be lost, or wait for room */\n", ""))
bugs("tests/host/lwip", "net/lwip/tcp_events.c",
     ("nobody hears of room for more bytes", "\t\tlw_mark(o, EPOLLOUT | EPOLLWRNORM);", "\t\t;"),
     ("what was acknowledged stays charged", "\tuncharge(o, n);\n\tif", "\tif"))
bugs("tests/host/lwip", "net/lwip/tcp_recv.c",
     ("a window that was told is taken back",
      "\tif (unlikely((s32)told > (s32)room))\n\t\troom = told;\n", ""))
bugs("tests/host/lwip", "net/lwip/timers.c",
     ("connections begin with ticks that stood", "\ttcp_ticks = lw_tick_now();\n", ""))

# ---- time, interrupts, log, random ----

bugs("time", "kernel/time.c",
     ("clock runs slow by a tenth of a percent",
      "mult = (NSEC_PER_SEC << 32) / freq;",
      "mult = (NSEC_PER_SEC << 32) / (freq + freq / 1000);"),
     ("conversion to cycles rounds down: timers fire early",
      "to_cycles(ns, NSEC_PER_SEC - 1)", "to_cycles(ns, 0)"),
     ("setting the clock forgets the time since boot",
      "point.mono = ktime_get();", "point.mono = 0;"),
     ("timespec loses its nanoseconds", " + (u64)ts->tv_nsec;", ";"),
     ("timespec overflows instead of saturating",
      "if ((u64)ts->tv_sec >= (NSEC_MAX - 1) / NSEC_PER_SEC)", "if (ts->tv_sec < 0)"))
bugs("timer", "kernel/timer.c",
     ("timers sorted the wrong way round", "->expires < rb_entry(b,", "->expires > rb_entry(b,"),
     ("timers fire before their time",
      "if (t->expires > ktime_get())", "if (t->expires > ktime_get() + NSEC_PER_SEC)"),
     ("the next timer is not programmed after an interrupt",
      "\tprogram(base);\n\tspin_unlock(&base->lock);\n}", "\tspin_unlock(&base->lock);\n}"),
     ("a cancelled timer still fires",
      "\tif (ret)\n\t\tunqueue(base, t);", "\tif (ret)\n\t\tt->queued = false;"),
     ("cancel says nothing was pending", "int ret = t->queued;", "int ret = 0;"))
bugs("irq", "kernel/irq.c",
     ("a second handler replaces the first", "if (irq_descs[virq].handler) {", "if (!handler) {"),
     ("a freed interrupt stays taken", "WRITE_ONCE(irq_descs[virq].handler, NULL);", ";"),
     ("interrupt numbers are not checked",
      "if (virq >= NR_IRQS || !chip)\n\t\treturn -EINVAL;",
      "if (virq > NR_IRQS || !chip)\n\t\treturn -EINVAL;"),
     ("interrupt handlers do not count as interrupt context",
      "hot->preempt_count += HARDIRQ_OFFSET;", "hot->preempt_count += 0;"),
     ("interrupts are not counted", "\tcount_event(IRQ_TOTAL);\n", ""))
bugs("log", "kernel/printk.c",
     ("levels off by one", "level = c - '0';", "level = c - '0' + 1;"),
     ("overwritten records are walked",
      "\twhile (overlaps_oldest(next_off, next_off + need))\n\t\tdrop_oldest();\n", ""),
     ("lost records are not reported", "\t\t*lost = first_seq - *seq;", "\t\t*lost = 0;"),
     ("no room kept for the mark at the end of the ring",
      "u32 need = size + sizeof(struct header);", "u32 need = size;"),
     ("rate limit does not count what it drops", "\trl->missed++;\n", ""))
bugs("random", "kernel/random.c",
     ("numbers up to the bound itself", "rng_below(&rng, bound);", "rng_below(&rng, bound + 1);"),
     ("the generator repeats itself",
      "\trng_bytes(&rng, buf, len);\n",
      "\tstruct rng copy = rng;\n\trng_bytes(&copy, buf, len);\n"),
     ("the generator never counts as seeded",
      "\tif (credit)\n\t\tWRITE_ONCE(seeded, true);",
      "\tif (!credit)\n\t\tWRITE_ONCE(seeded, false);"))

# ---- processes ----

bugs("process", "kernel/task.c",
     ("largest resident set is the last one",
      "if (part->maxrss > sum->maxrss)", "if (part->maxrss)"),
     ("rusage in nanoseconds",
      "out->ru_stime.tv_usec = (long)(usage->stime % NSEC_PER_SEC / NSEC_PER_USEC);",
      "out->ru_stime.tv_usec = (long)(usage->stime % NSEC_PER_SEC);"),
     ("names keep the end of the one before",
      "\tmemcpy(task->comm, comm, sizeof(comm));",
      "\tmemcpy(task->comm, comm, strlen(comm) + 1);"),
     ("faults are not summed up", "\tsum->min_flt += part->min_flt;\n", ""))
bugs("process", "kernel/rlimit.c",
     ("soft limit above the hard one",
      "if (new->rlim_cur > new->rlim_max)",
      "if (new->rlim_cur > RLIM_INFINITY - 1 && !new->rlim_max)"),
     ("anybody may raise the hard limit",
      "new->rlim_max > limit->rlim_max && !capable(CAP_SYS_RESOURCE)",
      "new->rlim_max > limit->rlim_max && !limit->rlim_max"),
     ("more files than the system allows",
      "new->rlim_max > NR_OPEN_MAX", "new->rlim_max > 2 * NR_OPEN_MAX"))
bugs("pid", "kernel/pid.c",
     ("numbers wrap to 2", "limit > 2 * RESERVED_PIDS ? RESERVED_PIDS : 2", "2"),
     ("a freed number can still be found", "\thlist_del(&pid->hash);\n", ""),
     ("a number is given twice", "\t\tif (pid_lookup(want))\n\t\t\terror = -EEXIST;\n", ""),
     ("task_find takes no reference", "task = task_get(pid->task);", "task = pid->task;"),
     ("a freed number is handed out at once",
      "\t\t\tlast_pid = pid->nr;\n", "\t\t\tlast_pid = pid->nr - 1;\n"),
     ("walking processes skips the first", "if (proc->pid < from ||", "if (proc->pid <= from ||"))
bugs("kthread", "kernel/kthread.c",
     ("a thread stopped before its start runs",
      "READ_ONCE(kt->started) ? kt->fn(kt->arg) : -EINTR", "kt->fn(kt->arg)"),
     ("the creator has no reference", "return task_get(task);", "return task;"),
     ("a thread told to stop is not woken", "\t\ttask_wake(task, TASK_NORMAL);\n", "\t\t;\n"),
     ("the thread's result is lost", "\tresult = kt->result;", "\tresult = 0;"))
bugs("kthread", "kernel/exit.c",
     ("dead threads still count", "\tatomic_dec(&nr_threads);\n", ""),
     ("a dead process keeps its number",
      "\tproc->pid_ref->proc = NULL;\n\tpid_drop(proc->pid_ref);\n", ""))
bugs("kthread", "kernel/task.c",
     ("kernel threads take fatal signals",
      "for (int i = 0; i < _NSIG; i++)\n\t\tinit_sighand",
      "for (int i = SIGTERM; i < _NSIG; i++)\n\t\tinit_sighand"))
bugs("cred", "kernel/cred.c",
     ("copied credentials share the user without a reference",
      "\trefcount_inc(&cred->user->refs);\n\treturn cred;", "\treturn cred;"),
     ("nosuid mounts give set-user-id",
      "if (!nosuid && !current->no_new_privs)", "if (!current->no_new_privs)"),
     ("no_new_privs gives set-user-id", "if (!nosuid && !current->no_new_privs)", "if (!nosuid)"),
     ("setgid without group execute is obeyed", "(mode & 02010) == 02010", "mode & 02000"),
     ("capabilities survive exec of another user's file",
      "file_effective = cred->euid == 0;", "file_effective = true;"),
     ("fsuid keeps the old user after exec",
      "cred->suid = cred->fsuid = cred->euid;", "cred->suid = cred->euid;"),
     ("group search misses an entry",
      "\t\t\thigh = middle;", "\t\t\thigh = middle - (middle > low);"),
     ("a freed user can still be found", "\t\t*link = user->next;\n", ""))
bugs("syscall", "kernel/syscall_table.c",
     ("missing system calls say EINVAL", "return -ENOSYS;", "return -EINVAL;"),
     ("retired numbers have no handler", "\t[0 ... NR_SYSCALLS - 1] = sys_ni_syscall,\n", ""))
bugs("syscall", "kernel/syscall_names.c",
     ("name of the number behind the table",
      "nr < NR_SYSCALLS ? syscall_names[nr] : NULL",
      "nr < NR_SYSCALLS ? syscall_names[nr + 1] : NULL"))
bugs("signal", "kernel/signal/queue.c",
     ("an ordinary signal queues twice",
      "if (sig < SIGRTMIN && sigismember(&pending->set, sig))", "if (sig > SIGRTMIN && sig < 0)"),
     ("real-time signals come in reverse",
      "list_add_tail(&q->list, &pending->list);", "list_add(&q->list, &pending->list);"),
     ("limit of queued signals off by one",
      "(unsigned long)atomic_inc_return(&user->sigpending) >",
      "(unsigned long)atomic_inc_return(&user->sigpending) >="),
     ("delivered signals stay charged to the user", "\tatomic_dec(&q->user->sigpending);\n\tpending->spare = q;", "\tpending->spare = q;"),
     ("SIGKILL waits its turn", "if (set & sigmask(SIGKILL))", "if (set == sigmask(SIGKILL))"),
     ("faults do not go before other signals", "\t\tset &= SIG_SYNCHRONOUS_MASK;", "\t\t;"),
     ("removed signals stay pending", "\tpending->set &= ~mask;\n", ""),
     ("the second instance of a queued signal is lost", "\t\t\tmore = true;\n", ""))
bugs("signal", "kernel/signal/mask.c",
     ("smallest alternate stack refused",
      "} else if (size < MINSIGSTKSZ) {", "} else if (size <= MINSIGSTKSZ) {"),
     ("the alternate stack can be changed while in use",
      "if (sas->size && on_altstack(user_sp))\n\t\treturn -EPERM;", ""),
     ("SIGKILL can be blocked",
      "\tmask &= ~SIG_KERNEL_ONLY_MASK;\n\tif (current->blocked", "\tif (current->blocked"),
     ("a handler's signals are not blocked", "\ttask->blocked = mask;\n}", "\t(void)mask;\n}"))
bugs("signal", "kernel/signal/deliver.c",
     ("a handler that cannot be reached leaves its mask", "\t\tsignal_set_blocked(taken->blocked);\n", ""))
bugs("exec", "kernel/exec/strings.c",
     ("strings without their terminator",
      "size_t len = strlen(string) + 1, done", "size_t len = strlen(string), done"),
     ("the limit on arguments looks at what is there only",
      "exec->used > exec->limit - len)", "exec->used > exec->limit)"),
     ("a string over a page boundary is measured short",
      "\t\ttotal += room;", "\t\ttotal += room - 1;"),
     ("arguments of a page and more go to the wrong page",
      "(distance - 1) / PAGE_SIZE;", "distance / PAGE_SIZE;"))
bugs("exec", "kernel/exec/script.c",
     ("blanks after the interpreter's argument stay",
      "while (end > p && is_blank(end[-1]))", "while (end < p && is_blank(end[-1]))"),
     ("a cut interpreter name is believed",
      "if (p == word || (cut && p == end && *p))", "if (p == word)"),
     ("any file is a script", "if (head[0] != '#' || head[1] != '!')", "if (head[0] != '#')"))
bugs("futex", "kernel/futex.c",
     ("futexes of one page are the same",
      "a->object == b->object && a->offset == b->offset", "a->object == b->object"),
     ("bitsets are ignored", "if (!(waiter->bitset & bitset))", "if (!bitset)"),
     ("one sleeper too many is woken", "if (woken >= count)", "if (woken > count)"),
     ("negative comparison arguments",
      "(s32)(op << 20) >> 20;\n\n\tswitch", "(s32)((op << 20) >> 20);\n\n\tswitch"),
     ("futexes of one page hash alike", "(key->offset >> 2)", "(key->offset >> 12)"),
     ("shifted operand is not shifted", "\tif (op & (8u << 28))", "\tif (!op)"),
     ("less-than means less-or-equal", "return value < arg;", "return value <= arg;"))

# ---- memory ----

bugs("mm", "mm/page_alloc.c",
     ("freed blocks above 8 pages do not merge",
      "\twhile (order < MAX_ORDER) {\n\t\tpfn_t buddy", "\twhile (order < 3) {\n\t\tpfn_t buddy"),
     ("free pages counted wrong when a block is split",
      "zone.nr_free -= 1UL << order;", "zone.nr_free -= page->order;"),
     ("pages asked for as zeroed are not",
      "if (gfp & __GFP_ZERO)\n\t\tclear_page", "if (!gfp)\n\t\tclear_page"),
     ("draining a CPU's stack loses a page",
      "while (s->count > keep)\n\t\tbuddy_free(s->pages[--s->count], 0);",
      "while (s->count > keep)\n"
      "\t\tbuddy_free(s->pages[--s->count], 0), s->count -= s->count > keep;"),
     ("buddy of the wrong order", "&& page->order == order;", "&& page->order <= order;"))
bugs("mm", "mm/kswapd.c",
     ("nobody is woken when pages are few", "\tif (wait_queue_has_sleepers(&kswapd_wait))\n", "\tif (0)\n"))
bugs("mm", "mm/fork.c",
     ("fork takes no reference on shared pages", "\t\tpage_get(page);\n", ""),
     ("fork leaves the parent's pages writable", "\t\t\tset_pte_nosync(&src[i], pte);\n", ""),
     ("MADV_DONTFORK is ignored",
      "if (vma->flags & VM_DONTCOPY)", "if (vma->flags & VM_DONTCOPY && !vma->anon && vma->file)"),
     ("MADV_WIPEONFORK is ignored",
      "\t\tvma->anon = false;\n\tvma_tree_append", "\t\tvma->anon = true;\n\tvma_tree_append"))
bugs("mm", "mm/fault.c",
     ("copy on write does not copy",
      "\t\tcopy_page(page_to_virt(page), page_to_virt(from));\n", "\t\t;\n"),
     ("a page of two owners is written in place",
      "page_count(page) == 1 &&", "page_count(page) <= 2 &&"),
     ("read-only memory can be written",
      "if (access & FAULT_WRITE)\n\t\treturn flags & VM_WRITE;",
      "if (access & FAULT_WRITE)\n\t\treturn flags & VM_ACCESS;"),
     ("data can be executed", "return flags & VM_EXEC;", "return flags & VM_ACCESS;"),
     ("the zero page is mapped writable",
      "pte_mkspecial(pte_wrprotect(pte))", "pte_mkspecial(pte)"),
     ("resident pages are not counted",
      "\tset_pte(ptep, pte);\n\tmm->rss[MM_ANON]++;\n\tvma->anon = true;",
      "\tset_pte(ptep, pte);\n\tvma->anon = true;"))
bugs("mm", "mm/brk.c",
     ("stack grows into the guard gap",
      "addr - prev->end < STACK_GUARD_GAP)", "addr < prev->end)"),
     ("stack grows beyond its limit", "|| vma->end - addr > rlimit(RLIMIT_STACK))", ")"),
     ("heap grows over a mapping",
      "if (next && to > vma_guarded_start(next))", "if (next && to < from)"),
     ("break below the start of the heap", "if (brk < mm->start_brk ||", "if (!brk ||"))
bugs("mm", "mm/mmap.c",
     ("mappings grow upwards",
      "at = vma_tree_gap_high(mm, len, min_addr, mm->mmap_base);",
      "at = vma_tree_gap_low(mm, len, min_addr, mm->mmap_base);"),
     ("MAP_FIXED_NOREPLACE replaces",
      "vma->start < at + len ? -EEXIST : 0;", "vma->start < at + len ? 0 : 0;"),
     ("munmap takes unaligned addresses",
      "if ((addr & ~PAGE_MASK) || addr > TASK_SIZE", "if (addr > TASK_SIZE"),
     ("unmapped memory stays promised", "\t\tmm_commit(-(long)accounted);", "\t\t;"))
bugs("mm", "mm/vma.c",
     ("neighbours with other protection merge",
      "return vma->flags == flags && vma->file == file", "return vma->file == file"),
     ("split mappings are not counted", "\tvma->mm->map_count++;\n", ""),
     ("the upper part of a split starts at the wrong page",
      "upper->pgoff += (addr - vma->start) >> PAGE_SHIFT;", "upper->pgoff += 0;"))
bugs("mm", "mm/protect.c",
     ("mprotect forgets the entries that exist",
      "\tprotect_entries(vma, start, end);\n",
      "\tprotect_entries(vma, start, start < end ? start : end);\n"),
     ("mprotect over a hole says 0",
      "if (!vma || vma->start > at)\n\t\t\treturn -ENOMEM;",
      "if (!vma || vma->start > at)\n\t\t\treturn 0;"))
bugs("mm", "mm/overcommit.c",
     ("a refused promise stays counted", "\tatomic64_sub(pages, &committed);\n", ""),
     ("policy 2 promises everything",
      "if ((u64)now <= mm_commit_limit())", "if ((u64)now <= 8 * totalram_pages)"))
bugs("mm", "mm/access.c",
     ("remote access runs over the end of a page", "PAGE_SIZE - off);", "PAGE_SIZE);"),
     ("forced write makes the page writable for the user",
      "\treturn pte_write(pte);\n}\n\n/*\n * The page behind",
      "\treturn true;\n}\n\n/*\n * The page behind"))
bugs("mm", "mm/kmalloc.c",
     ("small sizes go to the class below",
      "while (classes[c].size < (i + 1) * 8)", "while (classes[c].size < i * 8)"),
     ("krealloc copies the new size only in part",
      "memcpy(fresh, obj, min(old, size));", "memcpy(fresh, obj, min(old, size) / 2);"))
bugs("mm", "mm/slab.c",
     ("constructor runs for the first object only",
      "if (cache->ctor)\n\t\t\tcache->ctor(obj);",
      "if (cache->ctor && !i)\n\t\t\tcache->ctor(obj);"),
     ("a destroyed cache keeps its pages",
      "\t\tslab_delete(cache, page);\n\t\tfreed +=", "\t\tfreed +="),
     ("an object is handed out twice",
      "page->slab_free = *object_link(cache, obj);",
      "if (page->slab_inuse % 5) page->slab_free = *object_link(cache, obj);"))
bugs("mm", "mm/kstack.c",
     ("stacks without guard page",
      "vmap_area_alloc(PAGE_SIZE + KSTACK_SIZE, VMAP_STACK);\n\tvaddr_t base;\n\n\tif (!area)\n"
      "\t\treturn NULL;\n\tbase = area->start + PAGE_SIZE;",
      "vmap_area_alloc(KSTACK_SIZE, VMAP_STACK);\n\tvaddr_t base;\n\n\tif (!area)\n"
      "\t\treturn NULL;\n\tbase = area->start;"))
bugs("mm", "mm/vmap.c",
     ("vmalloc areas touch",
      "vmap_area_alloc(len + PAGE_SIZE, VMAP_PAGES);", "vmap_area_alloc(len, VMAP_PAGES);"),
     ("freed vmalloc areas stay counted", "\tused_pages -= vma_pages(area);\n", ""))
bugs("mm", "mm/fault_file.c",
     ("the partial last page of a file cannot be mapped",
      "(cache->ops->size(cache) + PAGE_SIZE - 1) >> PAGE_SHIFT",
      "cache->ops->size(cache) >> PAGE_SHIFT"),
     ("pages beyond the end of a file can be mapped",
      "if (index >= cache_end(vma->cache))", "if (index > cache_end(vma->cache))"),
     ("neighbours are mapped one off",
      "map_pages(vma, ptep - want, pages, n, want, writable)",
      "map_pages(vma, ptep - want + 1, pages, n - 1, want - 1, writable)"))
bugs("mm", "mm/pagecache.c",
     ("pages stay writable after writeback",
      "\t\tpage_cache_clean_mappings(cache, page->index);\n", ""),
     ("a written page stays dirty", "\t\tpage_take_dirty(page);\n", ""),
     ("a page that could not be read is handed out",
      "\t\tpage_flag_set(page, PG_ERROR);\n\t\treturn err;",
      "\t\tpage_flag_set(page, PG_ERROR);\n\t\treturn 0;"))
bugs("mm", "mm/truncate.c",
     ("truncation leaves the tail of the last page",
      "memset((char *)page_to_virt(page) + from, 0, to - from);",
      "memset((char *)page_to_virt(page) + from, 0, 0);"),
     ("truncation keeps private copies",
      "page_cache_unmap(cache, first, U64_MAX, true);",
      "page_cache_unmap(cache, first, U64_MAX, false);"),
     ("dirty pages are evicted",
      "!page_flag(page, PG_DIRTY | PG_WRITEBACK)", "!page_flag(page, PG_WRITEBACK)"))

# ---- files ----

bugs("fs", "fs/namei.c",
     ("41 symbolic links in a row", "w->links++ >= MAX_SYMLINKS", "w->links++ > MAX_SYMLINKS"),
     ("a failed link keeps its reference",
      "\treturn 1;\nout:\n\tdput(link);\n", "\treturn 1;\nout:\n"))
bugs("fs", "fs/peek.c",
     ("the walk that peeks takes files for folders",
      "unlikely(!S_ISDIR(inode->i_mode))\n", "false\n"),
     ("the walk that peeks stops at a link it should follow",
      "(flags & LOOKUP_FOLLOW))\n\t\t\treturn PEEK_PART;", "(flags & LOOKUP_FOLLOW))\n\t\t\treturn PEEK_ALL;"))
bugs("fs", "fs/perm.c",
     ("sticky directories protect nothing",
      "return (dir->i_mode & S_ISVTX) &&", "return !(dir->i_mode & 07777) &&"),
     ("the group's permission is not looked at",
      "\telse if (in_group(inode->i_gid))\n\t\tmode >>= 3;\n", ""),
     ("everybody has the owner's permission",
      "if (current_fsuid() == inode->i_uid)", "if (inode->i_uid == 0)"))
bugs("fs", "fs/fdtable.c",
     ("freed descriptors are not used again first",
      "\tif (fd < files->next)\n\t\tfiles->next = fd;\n", ""),
     ("fork forgets close-on-exec",
      "\tmemcpy(new->cloexec, old->cloexec, DIV_ROUND_UP(top, 64) * 8);\n", ""),
     ("one descriptor above the limit",
      "if (unlikely(fd >= limit)) {", "if (unlikely(fd > limit)) {"),
     ("dup2 does not close what was there",
      "\tif (victim)\n\t\tfile_close(victim, files);", "\t(void)victim;"))
bugs("fs", "fs/file.c",
     ("a running program can be written",
      "int c = atomic_read(&inode->i_writecount);\n\n\twhile (c >= 0) {",
      "int c = atomic_read(&inode->i_writecount);\n\n\twhile (c >= -100) {"),
     ("closing a file does not give up its write access",
      "\tif (f->f_mode & FMODE_WROTE) {\n\t\tatomic_dec",
      "\tif (f->f_mode & FMODE_PATH) {\n\t\tatomic_dec"),
     ("the last close does not release", "\tif (f->f_op->release)\n", "\tif (!f->f_op)\n"))
bugs("fs", "fs/filemap.c",
     ("O_APPEND writes where it stands",
      "(file->f_flags & O_APPEND) | from->append", "from->append"),
     ("a write in the middle cuts the file", "done += (ssize_t)moved;\n\t\t\tif (pos > inode->i_size)\n", "done += (ssize_t)moved;\n\t\t\tif (pos)\n"),
     ("reads go beyond the end", "(size_t)(size - pos));", "(size_t)PAGE_SIZE);"))
bugs("fs", "fs/tmpfs/dir.c",
     ("a new directory does not link its parent",
      "\t\tinc_nlink(dir);\n\treturn err;", "\t\t;\n\treturn err;"),
     ("a moved directory still links the old parent",
      "\tdrop_nlink(from);\n\tinc_nlink(to);", "\tinc_nlink(to);"),
     ("full directories are removed", "if (!simple_empty(dentry))\n\t\treturn -ENOTEMPTY;", ""))
bugs("fs", "fs/tmpfs/super.c",
     ("tmpfs takes one page more than its size",
      "s->used_pages + pages > s->max_pages", "s->used_pages + pages > s->max_pages + 1"),
     ("tmpfs never gets its inodes back", "\ts->used_inodes--;\n", ""))
bugs("fs", "fs/tmpfs/file.c",
     ("SEEK_HOLE skips the first page",
      "\tfor (; index <= last; index++) {\n\t\tpage = page_cache_find",
      "\tfor (index++; index <= last; index++) {\n\t\tpage = page_cache_find"))
bugs("fs", "fs/rename.c",
     ("RENAME_NOREPLACE replaces",
      "if ((r->flags & RENAME_NOREPLACE) && d_is_positive(r->new))",
      "if ((r->flags & RENAME_NOREPLACE) && d_is_negative(r->old))"),
     ("rename across mounts", "if (r->oldp.mnt != r->newp.mnt)", "if (!r->oldp.mnt)"))
bugs("fs", "fs/locks.c",
     ("adjacent locks do not merge", "f->end + 1 < req->start;", "f->end < req->start;"),
     ("a read lock does not hinder a writer",
      "(f->type == F_WRLCK || req->type == F_WRLCK)", "f->type == F_WRLCK"),
     ("a split lock loses its upper part",
      "\t\t\tlock_insert(l, tail);\n", "\t\t\tkmem_cache_free(lock_cache, tail);\n"),
     ("a lock of the last byte is not seen",
      "a->start <= b->end && b->start <= a->end", "a->start < b->end && b->start <= a->end"))
bugs("fs", "fs/dpath.c",
     ("paths of deleted files do not say so",
      "(gone && !prepend(&b, \" (deleted)\", 10))", "(gone && !prepend(&b, \"\", 0))"))
bugs("fs", "fs/unpack.c",
     ("initramfs loses set-id bits",
      "attr.ia_mode = (umode_t)(e->mode & 07777);", "attr.ia_mode = (umode_t)(e->mode & 0777);"),
     ("hard links of the initramfs become files",
      "e->nlink > 1 ? first_name(u, e, path) : NULL;",
      "e->nlink > 2 ? first_name(u, e, path) : NULL;"),
     ("parent directories of the initramfs are not made",
      "\t\t\tmake_parents(path);\n", "\t\t\tif (u->failed)\n\t\t\t\tmake_parents(path);\n"))
bugs("fs", "fs/dirops.c",
     ("device nodes for everybody",
      "(S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD)",
      "S_ISBLK(mode) && !capable(CAP_MKNOD)"),
     ("directories can be hard-linked",
      "if (S_ISDIR(inode->i_mode) || !dir->i_op->link ||", "if (!dir->i_op->link ||"))
bugs("pipe", "fs/pipe_internal.h",
     ("a pipe takes a page more than its size",
      "READ_ONCE(p->head) - READ_ONCE(p->tail) >= READ_ONCE(p->size)",
      "READ_ONCE(p->head) - READ_ONCE(p->tail) > READ_ONCE(p->size)"))
bugs("pipe", "fs/pipe.c",
     ("a sleeping writer is not woken",
      "\tif (unlikely(was_full))\n\t\twake_writers(p);", "\t(void)was_full;"),
     ("a sleeping reader is not woken",
      "if (n > 0 && (was_empty || READ_ONCE(p->polled)))",
      "if (n > 0 && was_empty && READ_ONCE(p->polled))"),
     ("reading an abandoned pipe waits", "if (likely(ret) || !p->writers)", "if (likely(ret))"),
     ("writing without a reader says EAGAIN", "\t\t\t\tret = -EPIPE;", "\t\t\t\tret = -EAGAIN;"),
     ("packets run together", "\treturn packet;", "\treturn false;"),
     ("appended bytes go over the page's end", "end + n > PAGE_SIZE)", "n > PAGE_SIZE)"),
     ("a partly read page starts over", "\t\ts->at += n;\n", ""))
bugs("poll", "fs/select.c",
     ("a wake-up does not reach the poller",
      "\treturn task_wake(p->task, TASK_NORMAL);", "\treturn 0;"),
     ("all wake-ups are filtered out",
      "if (key && !((u32)(unsigned long)key & e->key))",
      "if (key && ((u32)(unsigned long)key & e->key))"))
bugs("epoll", "fs/epoll.c",
     ("changing the mask does not look again",
      "\tif (ep_ask(item, NULL))\n\t\tep_list_item(item);\n}", "}"),
     ("a removed file stays on the ready list",
      "\tlist_del_init(&item->ready);\n\tspin_unlock_irq(&ep->lock);\n\tkfree(item);",
      "\tspin_unlock_irq(&ep->lock);\n\tkfree(item);"),
     ("a set may watch itself",
      "if (ep == target || depth > MAX_NESTS)", "if (depth > MAX_NESTS)"),
     ("removal leaves the wait queue entry", "\t\tremove_wait_queue(w->wq, &w->wait);\n", ""))
bugs("epoll", "fs/epoll_internal.h",
     ("events nobody asked for",
      "return file->f_op->poll(file, pt) & events & ~PRIVATE_BITS;",
      "return file->f_op->poll(file, pt) & ~PRIVATE_BITS;"))
bugs("proc", "fs/proc/generic.c",
     ("a removed entry can still be opened",
      "return !e || !READ_ONCE(e->removed);", "return !e || true;"),
     ("an entry replaces another",
      "S_ISDIR(mode) && S_ISDIR(e->mode) ? 0 : -EEXIST;", "S_ISDIR(e->mode) ? -EEXIST : 0;"),
     ("unknown mount options are taken",
      "return known && value && !strcmp(value, \"0\") ? 0 : -EINVAL;", "return known ? 0 : -EINVAL;"))
bugs("tty", "drivers/tty/n_tty_out.c",
     ("newline goes out alone", "\t\t\tring_put(&tty->out, '\\r');\n", ""),
     ("tab stops off by one",
      "spaces = 8 - (tty->column & 7);", "spaces = 8 - ((tty->column + 1) & 7);"),
     ("^S does not stop output", "\ttty->stopped = true;", "\ttty->stopped = false;"))
bugs("tty", "drivers/tty/n_tty.c",
     ("^C keeps what was typed", "\t\tn_tty_flush_input(tty);\n\t\tn_tty_flush_output", "\t\tn_tty_flush_output"))

# ---- trace ----

bugs("trace", "trace/control.c",
     ("a bad word still switches the others",
      "\tif (!err)\n\t\terr = set_all(on);", "\tset_all(on);"),
     ("events cannot be switched off",
      "\tbool value = true, known = false;\n\tconst char *colon;\n\n"
      "\tif (len && (*word == '-' || *word == '!')) {\n\t\tvalue = false;",
      "\tbool value = true, known = false;\n\tconst char *colon;\n\n"
      "\tif (len && (*word == '-' || *word == '!')) {\n\t\tvalue = true;"))
bugs("trace", "trace/ring.c",
     ("slots are written to the wrong place",
      "&r->slots[head & r->mask];", "&r->slots[(head + 1) & r->mask];"),
     ("the payload is lost", "word = (u64)(u32)a << 32 | r->word | type,",
      "word = r->word | type,"),
     ("the event that stops the recording does not", "\t\ttrace_ring_record(false);\n\tif", "\t\t;\n\tif"))
bugs("trace", "trace/snapshot.c",
     ("slots that were overwritten are read", "reserve > size ? reserve - size : 0", "reserve > 2 * size ? reserve - 2 * size : 0"))
bugs("trace", "trace/events.c",
     ("event search misses an entry", "\t\t\thigh = mid;", "\t\t\thigh = mid - (mid > low);"),
     ("text form without field names",
      "e->field[i], (unsigned long long)rec->field[i]);",
      "\"\", (unsigned long long)rec->field[i]);"))
bugs("trace", "trace/counters.c",
     ("sums leave out CPU 0",
      "for (unsigned i = 0; i < CONFIG_NR_CPUS; i++)",
      "for (unsigned i = 1; i < CONFIG_NR_CPUS; i++)"))

# ---- seen from user space ----

bugs("page_owner", "mm/page_owner.c",
     ("freed pages keep their owner", "\t\towner[i].in_use = false;\n", ""),
     ("a page freed twice is not seen", "\t\tin_use &= owner[i].in_use;\n", "\t\t;\n"),
     ("the frames of a block are blocks of their own",
      "return head.in_use && head.order == owner->order && head.alloc_ns == owner->alloc_ns;",
      "return head.in_use && head.order > MAX_ORDER;"),
     ("who freed a page is forgotten when it is allocated",
      "\t\tmemcpy(fresh.free_stack, owner[i].free_stack, sizeof(fresh.free_stack));\n", ""),
     ("stacks begin inside the allocator's books", "\tif (!w->from)\n\t\tw->stack", "\tif (w->from)\n\t\tw->stack"))
bugs("page_owner", "mm/page_alloc.c",
     ("blocks have no owner", "\tif (IS_ENABLED(CONFIG_PAGE_OWNER))\n\t\tpage_owner_alloc(page, order, gfp);\n", ""))
bugs("/tests/blockdev", "block/cache.c",
     ("pages of a disk overlap",
      "r->sector = page->index << (PAGE_SHIFT - SECTOR_SHIFT);",
      "r->sector = page->index << (PAGE_SHIFT - SECTOR_SHIFT - 1);"),
     ("the last page of a disk is taken for a whole one",
      "return (u32)min_t(u64, left, PAGE_SIZE);", "return (u32)max_t(u64, left, PAGE_SIZE) & PAGE_SIZE;"),
     ("pages that were read ahead stay locked",
      "\t\tpage_flag_set(page, PG_UPTODATE);\n\t}\n\tpage_unlock(page);\n",
      "\t\tpage_flag_set(page, PG_UPTODATE);\n\t}\n"))
bugs("/tests/blockdev", "fs/blkdev.c",
     ("a write at the end of a disk writes nothing and says so",
      "if (*pos < inode->i_size) {", "if (*pos <= inode->i_size) {"),
     ("read-only disks are written", "\tif (disk_is_read_only(disk))\n\t\treturn -EPERM;\n", ""))
bugs("/tests/blockdev", "block/open.c",
     ("O_EXCL claims nothing", "\t\tif (holder)\n\t\t\tdisk->holder = holder;\n", ""),
     ("a claim outlives its file", "if (holder && disk->holder == holder) {", "if (holder && disk->holder != holder) {"))
bugs("/tests/blockdev", "fs/blkdev_ioctl.c",
     ("zeros go beyond the end of the disk",
      "range[1] > disk_bytes(disk) - range[0])", "range[1] > (u64)S64_MAX)"),
     ("BLKRASET sets nothing", "sectors / SECTORS_PER_PAGE, U32_MAX", "sectors / SECTORS_PER_PAGE * 0, U32_MAX"))
bugs("/tests/mount_api", "fs/fsopen.c",
     ("a setup goes on after a failure", "\tif (err)\n\t\ts->phase = FAILED;\n\telse\n", "\tif (!err)\n"),
     ("one setup makes two mounts",
      "\ts->phase = CHANGES;\n\treturn mount_detached_fd", "\treturn mount_detached_fd"),
     ("everybody may set up a file system",
      "if (!capable(CAP_SYS_ADMIN))\n\t\treturn -EPERM;\n\tif (flags & ~(unsigned)FSOPEN_CLOEXEC)",
      "if (flags & ~(unsigned)FSOPEN_CLOEXEC)"),
     ("an option is not judged before the file system is made", "\tif (s->type->check_option &&\n",
      "\tif (s->sb && s->type->check_option &&\n"),
     ("a message is told for ever",
      "\t\tmemmove(s->message, s->message + 1, (MESSAGES - 1) * sizeof(s->message[0]));\n"
      "\t\ts->message[MESSAGES - 1] = NULL;\n\t\tkfree(text);\n", ""))
bugs("/tests/mount_api", "fs/mount_fd.c",
     ("a mount outlives the descriptor that alone had it",
      "if ((mnt->mnt_flags & MNT_ANON) && mnt->mnt_parent == mnt)",
      "if ((mnt->mnt_flags & MNT_ANON) && mnt->mnt_parent != mnt)"),
     ("part of a tree becomes read-only", "if (err && (m->mnt_flags & MNT_TURNING))",
      "if (!err && !(m->mnt_flags & MNT_TURNING))"),
     ("open_tree copies what is below without AT_RECURSIVE",
      "copy = mount_copy(&path, flags & AT_RECURSIVE);", "copy = mount_copy(&path, true);"),
     ("mount_setattr reaches only the first mount",
      "return c->recurse ? mount_next(m, top) : NULL;", "return c->recurse && !m ? mount_next(m, top) : NULL;"))
bugs("/tests/mempolicy", "mm/mempolicy.c",
     ("a set may be without the only node", "return there ? 0 : -EINVAL;", "return 0;"),
     ("a policy goes beyond the end of its range",
      "\t\t\tif (!err)\n\t\t\t\terr = vma_split_at(mm, end);\n", ""),
     ("nodes that cannot be named are taken", "if (i ? word : word >> MAX_NODES)", "if (i ? word : word >> 63)"),
     ("the page of zeros is on a node", "node = pte_special(pte) ? -EFAULT : 0;", "node = 0;"),
     ("sets are static and relative at once",
      "|| (*flags & NAMED_FLAGS) == NAMED_FLAGS)", "|| (*flags & ~(unsigned)MPOL_MODE_FLAGS))"))
bugs("/tests/rseq", "kernel/rseq.c",
     ("an interrupted sequence goes on", "\tif (!err)\n\t\tframe->pc = cs.abort_ip;\n", ""),
     ("the signature is not looked at", "return sig == current->rseq_sig ? 0 : -EINVAL;", "return 0;"),
     ("a second registration is fine", "return current->rseq_sig != sig ? -EPERM : -EBUSY;",
      "return current->rseq_sig != sig ? -EPERM : 0;"),
     ("every CPU is CPU 0", "|| put_cpu(cpu, cpu))", "|| put_cpu(cpu & 0, cpu & 0))"),
     ("a sequence of a later version is believed", "if (cs->version || cs->start_ip", "if (cs->start_ip"))
bugs("/tests/dnotify", "fs/dnotify.c",
     ("a request is never used up", "if (!(dn->mask & DN_MULTISHOT)) {", "if (!dn->mask) {"),
     ("a request outlives its folder", "\tif (*at)\n\t\tend_request(at);", "\t(void)at;"),
     ("any file can be watched",
      "\tif (!S_ISDIR(file->f_inode->i_mode))\n\t\treturn -ENOTDIR;\n", ""),
     ("changes of attributes are not told", "(mask & IN_ATTRIB ? DN_ATTRIB : 0)", "0"))
bugs("/tests/inet_limits", "net/lwip/limits.c",
     ("TCP_USER_TIMEOUT ends nothing", "u32 most = pcb->user_timeout;", "u32 most = 0;"),
     ("a cork never gives way", "if (++pcb->corked < CORK_TICKS)", "if (++pcb->corked)"),
     ("a negative TCP_LINGER2 waits", "&& pcb->linger2 < 0)", "&& pcb->linger2 < -1000)"),
     ("a connection without data is never shown", "(s32)(tcp_ticks - o->deferred_until) >= 0)", "!tcp_ticks)"))
bugs("/tests/fs_walk", "fs/peek.c",
     ("the walk that peeks does not cross mounts", "if (likely(!(dflags & DCACHE_MOUNTED)))", "if (true)"))
bugs("fs", "fs/peek.c",
     ("the walk that peeks takes .. for .",
      "\t\t\tif (part.type == LAST_DOTDOT)\n\t\t\t\treturn PEEK_PART;\n", ""),
     ("the walk that peeks enters every folder",
      "\treturn likely((dir->i_mode & 0111) == 0111) || !generic_permission(dir, MAY_EXEC);",
      "\treturn true;"))
bugs("/tests/tcp_info", "net/lwip/tcp_events.c",
     ("a FIN that was sent is taken for a byte", "- b->opened - fin_sent;", "- b->opened - !fin_sent;"),
     ("a retransmission is not counted", "o->bytes.segments_resent++;", ""))
bugs("/tests/timex", "kernel/time.c",
     ("who waits for a date waits as if it came at the counter's rate",
      "rate && turn < 16", "rate && turn < 0"),
     ("the vDSO goes on at the counter's rate until the next tick",
      "gain((s64)clock_scale.mult, point.rate, &none)", "gain((s64)clock_scale.mult, 0, &none)"),
     ("slewing has no end", "slew_left -= done - over;", "slew_left -= 0;"))
bugs("/tests/timex", "kernel/timex.c",
     ("a step in nanoseconds is taken for one in microseconds",
      "(s64)(t->modes & ADJ_NANO ? 1 : NSEC_PER_USEC);", "(s64)NSEC_PER_USEC;"))
bugs("/tests/tcp_memory", "net/lwip/tcp_send.c",
     ("a stream that waits for memory is an error", "else if (n == -ENOBUFS && !done) {", "else if (n == -ENOSPC) {"),
     ("bytes that found no place in the queue are lost",
      "if (unlikely(ret != bytes))", "if (ret > 0 && (u32)ret < bytes)"),
     ("a stream that waited for memory is never writable again",
      "\tWRITE_ONCE(o->starved, false);\n\tlw_mark(o, EPOLLOUT | EPOLLWRNORM);", "\tlw_mark(o, EPOLLOUT | EPOLLWRNORM);"),
     ("blocks are not limited", "READ_ONCE(o->in.so.sndbuf) / LEAST_BYTES", "READ_ONCE(o->in.so.sndbuf)"))
bugs("/tests/tcp_memory", "net/lwip/tcp_events.c",
     ("small pieces are not put together", "#define JOIN_FROM\t16u", "#define JOIN_FROM\t1000000u"),
     ("pieces put together are cut", "\tlast->len = last->tot_len = (u16)(last->len + p->len);",
      "\tlast->len = last->tot_len = p->len;"))
bugs("/tests/tcp_timers", "net/lwip/rtt.c",
     ("a retransmission waits no longer than the one before", "pcb->nrtx + 1u,", "0u,"),
     ("the first round trip counts like any other", "bool first = !pcb->sa &&", "bool first = pcb->sa &&"))
bugs("/tests/tcp_timers", "net/lwip/port/lwipopts.h",
     ("a connection ends with the tick after its last retransmission",
      "#define LWIP_TCP_GIVES_UP(pcb)		((pcb)->nrtx >= LWIP_TCP_RETRIES(pcb) && \\\n"
      "					 (pcb)->rtime + 1 >= (pcb)->rto)",
      "#define LWIP_TCP_GIVES_UP(pcb)		((pcb)->nrtx >= LWIP_TCP_RETRIES(pcb))"))
