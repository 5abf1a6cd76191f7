# SPDX-License-Identifier: BSD-2-Clause
"""Commands for gdb-multiarch on a Tessera kernel, live or from a dump (scripts/gdb/vcore).

tessera-ps, -dmesg, -trace [N], -counters, -maps PID, -bt PID. They read memory by symbol
name and call nothing in the guest.
"""
import gdb

CALL_DEPTH = 64


def symbol(name):
    value = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if value is None:
        raise gdb.GdbError(f"this kernel has no {name}")
    return value.value()


def offset_of(struct, field):
    return next(f.bitpos // 8 for f in gdb.lookup_type(struct).fields() if f.name == field)


def entries(head, struct, field):
    """The structs of a list, by the address of its head."""
    kind, offset = gdb.lookup_type(struct).pointer(), offset_of(struct, field)
    node = head["next"]
    while int(node) != int(head.address):
        yield gdb.Value(int(node) - offset).cast(kind)
        node = node.dereference()["next"]


def text(value):
    return value.string(errors="replace") if int(value.address or 1) else ""


def processes():
    return entries(symbol("process_list"), "struct process", "all_node")


def tasks():
    """(process, task); first the one that idles on CPU 0."""
    first = symbol("init_task")
    yield first["proc"], first.address
    for process in processes():
        for task in entries(process["threads"], "struct task", "thread_node"):
            yield process, task


def find_task(argument):
    try:
        wanted = int(argument, 0)
    except ValueError:
        raise gdb.GdbError(f"'{argument}' is not a process or thread id") from None
    for _, task in tasks():
        if int(task["tid"]) == wanted:
            return task
    raise gdb.GdbError(f"no task {wanted}")


def running_on(task):
    """The CPU that runs a task, or None."""
    cpus = symbol("cpus")
    for number in range(cpus.type.range()[1] + 1):
        if int(cpus[number]["online"]) and int(cpus[number]["current_task"]) == int(task):
            return number
    return None


class Command(gdb.Command):
    """A command whose documentation is its help."""

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_STATUS)


STATES = ((0, "R"), (1, "S"), (2, "D"), (4, "T"), (8, "t"), (32, "Z"), (64, "X"))


class Ps(Command):
    """tessera-ps: every task with its state, CPU and name; * is running."""

    def invoke(self, argument, from_tty):
        print(f"{'TID':>6} {'PID':>6} {'PPID':>6} S CPU  TASK               NAME")
        for process, task in tasks():
            state = int(task["state"])
            letter = next((l for bit, l in STATES if state == bit or bit and state & bit), "?")
            star = "*" if running_on(task) is not None else " "
            print(f"{int(task['tid']):6} {int(process['pid']):6} {int(process['ppid']):6} "
                  f"{letter} {int(task['cpu']):3}{star} {int(task):#x} {text(task['comm'])}")


class Dmesg(Command):
    """tessera-dmesg: the kernel log."""

    def invoke(self, argument, from_tty):
        buf, offset, end = symbol("log_buf"), int(symbol("first_off")), int(symbol("next_off"))
        memory = bytes(gdb.selected_inferior().read_memory(buf.address, buf.type.sizeof))
        for _ in range(int(symbol("next_seq")) - int(symbol("first_seq"))):
            if offset >= len(memory) or memory[offset + 11] & 1:
                offset = 0
            stamp = int.from_bytes(memory[offset:offset + 8], "little")
            size = int.from_bytes(memory[offset + 8:offset + 10], "little")
            line = memory[offset + 16:offset + 16 + size].decode(errors="replace")
            print(f"[{stamp // 10**9:5}.{stamp % 10**9 // 1000:06}] {line.rstrip()}")
            offset += (16 + size + 7) & ~7
        if offset != end:
            print("(somebody was writing to the log)")


def event_table():
    """{type: (name, [(field, wide)])}"""
    table, result = symbol("trace_events"), {}
    for number in range(int(symbol("nr_trace_events"))):
        event = table[number]
        fields = [(text(event["field"][i]), int(event["wide"]) >> i & 1)
                  for i in range(int(event["nr_fields"]))]
        result[int(event["type"])] = (text(event["name"]), fields)
    return result


def ring_events(ring, table):
    """(stamp, index, line) of all events of a ring, oldest first; the lines as in /proc/trace/buffer."""
    size, head = int(ring["mask"]) + 1, int(ring["head"])
    first = max(int(ring["start"]), int(ring["reserve"]) - size, 0)
    memory = bytes(gdb.selected_inferior().read_memory(int(ring["slots"]), size * 16))

    def slot(index):
        at = index % size * 16
        return (int.from_bytes(memory[at:at + 8], "little"),
                int.from_bytes(memory[at + 8:at + 16], "little"))

    found, index = [], first
    while index < head:
        stamp, word = slot(index)
        kind, cpu, continued = word & 0xffff, word >> 16 & 0xff, word >> 24 & 0xff
        index += 1
        if continued or kind not in table:
            continue
        name, fields = table[kind]
        values = [word >> 32] + [slot(index + i)[0] for i in range(len(fields) - 1)]
        index += len(fields) - 1
        shown = " ".join(f"{field}={value:#x}" if wide and value else f"{field}={value}"
                         for (field, wide), value in zip(fields, values))
        found.append((stamp, cpu, f"ts={stamp} type={kind:#06x} {name} {shown}"))
    number = int(ring["events"]) - len(found)
    return [(stamp, number + i, f"CPU{cpu} idx={number + i} {rest}")
            for i, (stamp, cpu, rest) in enumerate(found)]


class TraceCommand(Command):
    """tessera-trace [N]: the last N events (default 20) of all CPUs, in order of time."""

    def invoke(self, argument, from_tty):
        count = int(argument or "20", 0)
        rings, table, lines = symbol("trace_rings"), event_table(), []
        for number in range(rings.type.range()[1] + 1):
            if int(rings[number]["slots"]):
                lines += ring_events(rings[number], table)
        for *_, line in sorted(lines)[-count:] if count else []:
            print(line)


class Counters(Command):
    """tessera-counters: the event counters, summed over the CPUs."""

    def invoke(self, argument, from_tty):
        names, cpus = symbol("trace_counter_names"), symbol("cpus")
        for i in range(names.type.range()[1] + 1):
            total = sum(int(cpus[cpu]["counters"]["value"][i])
                        for cpu in range(cpus.type.range()[1] + 1))
            print(f"{text(names[i]):20} {total}")


class Maps(Command):
    """tessera-maps PID: the mappings of a process."""

    def invoke(self, argument, from_tty):
        mm = find_task(argument)["mm"]
        if not int(mm):
            raise gdb.GdbError(f"{argument} has no address space")
        for vma in entries(mm["vmas"], "struct vma", "link"):
            flags = int(vma["flags"])
            mode = "".join(l if flags & bit else "-" for bit, l in ((1, "r"), (2, "w"), (4, "x")))
            mode += "s" if flags & 8 else "p"
            name = ""
            if int(vma["file"]):
                name = text(vma["file"]["f_path"]["dentry"]["d_name"]["name"])
            print(f"{int(vma['start']):012x}-{int(vma['end']):012x} {mode} "
                  f"{int(vma['pgoff']) << 12:08x} {name}")


class Bt(Command):
    """tessera-bt PID: the calls on the kernel stack of a task that does not run."""

    def invoke(self, argument, from_tty):
        task = find_task(argument)
        cpu = running_on(task)
        if cpu is not None:
            raise gdb.GdbError(f"{argument} runs on CPU {cpu}: `thread {cpu + 1}`, then `bt`")
        context, base = task["ctx"], int(task["kstack"])
        pc, fp = int(context["pc"]), int(context["fp"])
        inferior = gdb.selected_inferior()
        for depth in range(CALL_DEPTH):
            print(f"#{depth:<3} {pc:#x} {gdb.execute(f'info symbol {pc:#x}', to_string=True).strip()}")
            if not base <= fp < base + 16384 - 16:
                return
            record = bytes(inferior.read_memory(fp, 16))
            fp, pc = (int.from_bytes(record[i:i + 8], "little") for i in (0, 8))
            if not pc:
                return


for name, command in (("ps", Ps), ("dmesg", Dmesg), ("trace", TraceCommand),
                      ("counters", Counters), ("maps", Maps), ("bt", Bt)):
    command(f"tessera-{name}")
