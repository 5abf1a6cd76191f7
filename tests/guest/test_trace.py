# SPDX-License-Identifier: BSD-2-Clause
"""The trace as programs see it: exact sequences, exact numbers, and what reads the CTF.

The events of one short command are read back from the CTF by babeltrace2's bindings, so
that every test here is also one of the metadata.
"""
import base64
import gzip
import os
import re
import socket
import subprocess
import threading

import pytest

import script
import variants
from targets import tessera

bt2 = pytest.importorskip("bt2", reason="python3-bt2 is not installed")

trace_script = script.load("scripts/trace")


@pytest.fixture(params=[1, 4], ids=["1cpu", "4cpus"])
def shell(request, shared_guests, case_log):
    machine = tessera(cpus=request.param)
    guest = shared_guests.get(("trace", request.param), machine, case_log)
    guest.check("echo none >/proc/trace/enable; echo none >/proc/trace/stop_on;"
                "echo >/proc/trace/pid; echo 1 >/proc/trace/on; echo overwrite >/proc/trace/mode")
    return guest


def fetch(shell, source, folder):
    """Copy a CTF folder of the guest to this machine."""
    folder.mkdir(exist_ok=True)
    for name in shell.check(f"ls {source}").split():
        text = shell.check(f"base64 {source}/{name}", 120)
        (folder / name).write_bytes(base64.b64decode(text.replace("\n", "")))
    return folder


def read_ctf(folder):
    """[(name, cpu, ns, {field: value})] and the events babeltrace2 knows to be lost."""
    events, lost = [], 0
    for message in bt2.TraceCollectionMessageIterator(str(folder)):
        if isinstance(message, bt2._EventMessageConst):
            event = message.event
            fields = {key: int(value) for key, value in event.payload_field.items()}
            events.append((event.name, int(event.packet.context_field["cpu_id"]),
                           message.default_clock_snapshot.value, fields))
        elif isinstance(message, bt2._DiscardedEventsMessageConst):
            lost += message.count or 0
    return events, lost


def record(shell, tmp_path, events, command):
    """The exit status of the command and the events it caused."""
    status, _ = shell.run(f"trace record -e {events} -o /tmp/t {command}", 60)
    return status, read_ctf(fetch(shell, "/tmp/t/ctf", tmp_path / "ctf"))[0]


def dropped(shell):
    """{cpu: {recorded, present, overwritten, dropped}}"""
    return {int(cpu): {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", rest)}
            for cpu, rest in re.findall(r"CPU(\d+) (.*)", shell.check("cat /proc/trace/dropped"))}


def names(events, *wanted):
    return [event[0] for event in events if event[0] in wanted]


def test_copy_on_write(shell, tmp_path):
    _, events = record(shell, tmp_path, "process", "true")
    aborts = [event for event in events if event[0] == "DATA_ABORT"]
    copies = [event for event in events if event[0] == "COW_COPY"]
    assert copies
    for name, cpu, ns, fields in copies:
        before = [e for e in events if e[1] == cpu and e[2] <= ns and e[3].get("pid") ==
                  fields["pid"]]
        fault = [e for e in before if e[0] == "COW_FAULT"][-1]
        assert fault[3] == fields and fields["page"] % 4096 == 0
        # A permission fault at level 3, in that page.
        assert any(e[3]["dfsc"] == 0xf and e[3]["far"] & ~0xfff == fields["page"]
                   for e in aborts if e[3]["pid"] == fields["pid"])


def test_exit_code_and_signal(shell, tmp_path):
    status, events = record(shell, tmp_path, "process,signal", "sh -c 'exit 37'")
    assert status == 37
    assert [e[3]["code"] for e in events if e[0] == "PROCESS_EXIT"] == [37 << 8]
    status, events = record(shell, tmp_path, "process,signal", "sh -c 'kill -KILL $$'")
    assert status == 128 + 9
    victim = [e[3]["pid"] for e in events if e[0] == "PROCESS_EXIT"][-1]
    assert {"tid": victim, "sig": 9} in [e[3] for e in events if e[0] == "SIGNAL_GENERATE"]
    assert [e[3]["code"] for e in events if e[0] == "PROCESS_EXIT"] == [9]


def test_handler_runs_and_returns(shell, tmp_path):
    _, events = record(shell, tmp_path, "signal", "sh -c 'trap : USR1; kill -USR1 $$; true'")
    taken = [e for e in events if e[3].get("sig", 10) == 10]
    assert names(taken, "SIGNAL_GENERATE", "SIGNAL_DELIVER", "SIGNAL_RETURN") == [
        "SIGNAL_GENERATE", "SIGNAL_DELIVER", "SIGNAL_RETURN"]
    assert len({e[3]["tid"] for e in taken}) == 1


def test_babeltrace_is_silent(shell, tmp_path):
    record(shell, tmp_path, "all", "ls /")
    done = subprocess.run(["babeltrace2", str(tmp_path / "ctf")], capture_output=True, text=True,
                          check=True)
    lost = re.findall(r"discarded (\d+) events?", done.stderr)
    rest = [line for line in done.stderr.splitlines() if line and "discarded" not in line]
    assert rest == []
    numbers = dropped(shell)
    assert bool(lost) == any(cpu["overwritten"] + cpu["dropped"] for cpu in numbers.values())


def test_every_number_is_present_or_counted(shell, tmp_path):
    """A storm of all events on all CPUs, with interrupts, while events are switched off and on."""
    shell.check("echo 1 >/proc/trace/clear; echo all >/proc/trace/enable;"
                "(for i in 1 2 3 4; do (for j in $(seq 20); do ls /bin >/dev/null; done) & done; wait) &"
                "for i in $(seq 20); do echo -irq,-sched >/proc/trace/enable;"
                "echo irq,sched >/proc/trace/enable; done; wait; echo none >/proc/trace/enable", 240)
    numbers = dropped(shell)
    shell.check("cat /proc/trace/buffer >/tmp/b; gzip -f /tmp/b", 120)
    text = gzip.decompress(base64.b64decode(shell.check("base64 /tmp/b.gz", 240).replace("\n", "")))
    seen = {}
    for cpu, index, stamp in re.findall(rb"^CPU(\d+) idx=(\d+) ts=(\d+) ", text, re.M):
        seen.setdefault(int(cpu), []).append((int(index), int(stamp)))
    for cpu, count in numbers.items():
        assert count["recorded"] == count["present"] + count["overwritten"] and count["dropped"] == 0
        mine = seen.get(cpu, [])
        assert len(mine) == count["present"]
        # No number is missing, and time does not run backwards.
        assert [index for index, _ in mine] == list(range(mine[0][0], mine[0][0] + len(mine)))
        assert all(a[1] <= b[1] for a, b in zip(mine, mine[1:]))
    events, lost = read_ctf(fetch(shell, "/proc/trace/ctf", tmp_path / "storm"))
    assert len(events) == sum(cpu["present"] for cpu in numbers.values())
    assert lost == sum(cpu["overwritten"] + cpu["dropped"] for cpu in numbers.values())


def test_stop_mode_and_drops(shell):
    shell.check("echo stop >/proc/trace/mode; echo all >/proc/trace/enable;"
                "for i in $(seq 20); do ls /bin >/dev/null; done; echo none >/proc/trace/enable")
    numbers = dropped(shell)
    assert all(cpu["overwritten"] == 0 for cpu in numbers.values())
    assert any(cpu["dropped"] > 0 for cpu in numbers.values())


def test_counters_count_operations(shell):
    def stat(command):
        return {name: int(value) for name, value in
                re.findall(r"(\w+_TOTAL)\s+(\d+)", shell.check(f"trace stat {command}"))}
    one, many = stat("sh -c true"), stat("sh -c '/bin/true; /bin/true; /bin/true; true'")
    for name, count in (("FORK_TOTAL", 3), ("EXEC_TOTAL", 3), ("EXIT_TOTAL", 3)):
        assert many[name] - one[name] == count, name


def test_filter_trigger_marker(shell, tmp_path):
    shell.check("echo $$ >/proc/trace/pid; echo syscall,marker >/proc/trace/enable;"
                "echo 0x1234 >/proc/trace/marker; (ls / >/dev/null);"
                "echo none >/proc/trace/enable; echo >/proc/trace/pid")
    events, _ = read_ctf(fetch(shell, "/proc/trace/ctf", tmp_path / "filter"))
    assert 0x1234 in [e[3]["value"] for e in events if e[0] == "MARKER"]
    shell.check("echo 1 >/proc/trace/clear; echo process,ctx >/proc/trace/enable; sleep 100 & A=$!;"
                "echo $A >/proc/trace/pid; /bin/true; kill $A; wait $A; /bin/true;"
                "echo none >/proc/trace/enable; echo >/proc/trace/pid; echo $A >/tmp/a")
    only = int(shell.check("cat /tmp/a"))
    events, _ = read_ctf(fetch(shell, "/proc/trace/ctf", tmp_path / "only"))
    exits = [e[3]["pid"] for e in events if e[0] == "PROCESS_EXIT"]
    assert exits == [only]
    shell.check("echo 1 >/proc/trace/clear; echo process:process_exit >/proc/trace/stop_on;"
                "echo process >/proc/trace/enable; /bin/true; /bin/true;"
                "echo none >/proc/trace/enable")
    assert shell.check("cat /proc/trace/on").strip() == "0"
    events, _ = read_ctf(fetch(shell, "/proc/trace/ctf", tmp_path / "stop"))
    assert names(events, "PROCESS_EXIT") == ["PROCESS_EXIT"] and events[-1][0] == "PROCESS_EXIT"


@pytest.mark.parametrize("file, word", [("enable", "nonsense"), ("enable", "process,fork_entri"),
                                        ("pid", "1x"), ("stop_on", "process:nothing"), ("on", "2"),
                                        ("mode", "both"), ("histograms", "yes")])
def test_bad_words_change_nothing(shell, file, word):
    before = shell.check(f"cat /proc/trace/{file} | head -n 1")
    status, _ = shell.run(f"echo {word} >/proc/trace/{file}")
    assert status != 0
    assert word.split(",")[-1] in shell.check("dmesg | tail -n 2")
    assert shell.check(f"cat /proc/trace/{file} | head -n 1") == before


def test_usage_errors(shell):
    assert shell.run("trace")[0] == 2
    assert shell.run("trace nonsense")[0] == 2
    assert shell.run("trace record -z")[0] == 2
    assert shell.run("trace record -e nonsense -o /tmp/t true")[0] == 2
    assert shell.run("trace record -p 7 -s nonsense -o /tmp/t true")[0] == 2
    assert shell.check("cat /proc/trace/pid").strip() == ""
    assert shell.run("trace serve")[0] == shell.run("trace serve 70000")[0] == 2
    assert shell.run("trace tar x")[0] == shell.run("trace report a b")[0] == 2
    assert shell.run("trace --help")[0] == 0


def test_boot_argument(boot):
    guest = boot(tessera(append="trace=process trace.buffer=512"))
    guest.login()
    assert "pid=1" in guest.check("grep -m1 EXEC_ENTRY /proc/trace/buffer")
    assert "overwritten=0" in guest.check("cat /proc/trace/dropped")
    assert "process:fork_entry" in guest.check("cat /proc/trace/enable")


def test_events_before_there_is_memory(boot):
    """They go to a small ring, whose last ones the large ring begins with; the others are counted."""
    guest = boot(tessera(append="trace=mm trace.buffer=8192"))
    guest.login()
    guest.check("echo none >/proc/trace/enable")
    recorded, present, overwritten = map(int, re.search(
        r"recorded=(\d+) present=(\d+) overwritten=(\d+) ", guest.check("cat /proc/trace/dropped")).groups())
    # The large ring alone has room for half a million.
    assert overwritten > 1000 and recorded == present + overwritten
    first = int(re.search(r"idx=(\d+)", guest.check("head -n 1 /proc/trace/buffer"))[1])
    assert first == overwritten


def test_conversions(shell, tmp_path):
    record(shell, tmp_path, "all", "sh -c 'ls / | sort | head -n 3'")
    for kind in ("dat", "chrome", "png"):
        assert trace_script.main([kind, str(tmp_path / "ctf"), str(tmp_path / kind)]) == 0
    report = subprocess.run(["trace-cmd", "report", "-i", str(tmp_path / "dat")],
                            capture_output=True, text=True, check=True).stdout
    events = trace_script.Trace(str(tmp_path / "ctf")).events
    assert len(report.splitlines()) == len(events) + 1
    assert "sched_switch" in report


def test_bad_bytes(shell):
    for text, said in ((r"process\0irq", "NUL after 'process'"), ("x" * 600, "600 bytes at once")):
        before = shell.check("cat /proc/trace/enable")
        assert shell.run(f"printf '{text}' >/proc/trace/enable")[0] != 0
        assert said in shell.check("dmesg | tail -n 1")
        assert shell.check("cat /proc/trace/enable") == before


def test_pull_over_the_network(shell, tmp_path):
    """The guest's own end over loopback, this machine's against the same bytes."""
    record(shell, tmp_path, "process,ctx", "ls /")
    shell.check("trace serve 5555 & sleep 1; (sleep 2 | nc 127.0.0.1 5555) >/tmp/tar; kill $!")
    assert "ctf/metadata" in shell.check("tar tf /tmp/tar")
    archive = base64.b64decode(shell.check("base64 /tmp/tar", 120).replace("\n", ""))
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            with server.accept()[0] as connection:
                connection.sendall(archive)
        threading.Thread(target=answer, daemon=True).start()
        port = server.getsockname()[1]
        assert trace_script.main(["pull", f"127.0.0.1:{port}", str(tmp_path / "pulled")]) == 0
    events, _ = read_ctf(tmp_path / "pulled/ctf")
    assert names(events, "PROCESS_EXIT")
    assert re.search(r"^1 ", (tmp_path / "pulled/tasks").read_text(), re.M)
    assert "PROCESS_EXIT" in (tmp_path / "pulled/buffer").read_text()
    assert trace_script.main(["pull", f"127.0.0.1:{port}", str(tmp_path / "nobody")]) == 1


def test_pull_through_virtio_net(boot, tmp_path):
    """The whole way of the documentation: lwIP, the device, QEMU's port forwarding, this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    guest = boot(tessera(net=f"user,hostfwd=tcp:127.0.0.1:{port}-:5555",
                         append="quiet net.ip=10.0.2.15/24,gw=10.0.2.2"))
    guest.login()
    guest.check("trace record -e process,net -o /tmp/t sh -c 'exit 37'; test $? = 37;"
                "(trace serve 5555 >/dev/null 2>&1 &) ; for i in $(seq 50); do"
                " grep -q ':15B3 .* 0A ' /proc/net/tcp && break; sleep 0.1; done")
    assert trace_script.main(["pull", f"127.0.0.1:{port}", str(tmp_path / "pulled")]) == 0
    events, lost = read_ctf(tmp_path / "pulled/ctf")
    assert lost == 0 and [e[3]["code"] for e in events if e[0] == "PROCESS_EXIT"] == [37 << 8]
    # What came over the wire is what the guest has, by the console.
    there, _ = read_ctf(fetch(guest, "/proc/trace/ctf", tmp_path / "there"))
    assert [(e[0], e[1], e[3]) for e in there] == [(e[0], e[1], e[3]) for e in events]


def test_pull_over_the_console(tmp_path):
    machine = tessera(append="quiet trace=process").with_(console="pty")
    with subprocess.Popen(machine.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True) as qemu:
        try:
            pty = re.search(r"/dev/pts/\d+", qemu.stdout.readline())[0]
            with open(pty, "rb+", buffering=0) as console:
                said = b""
                while not said.endswith((b"# ", b"$ ")):
                    said += console.read(1)
            assert trace_script.main(["pull", pty, str(tmp_path / "pulled")]) == 0
        finally:
            qemu.kill()
    events, lost = read_ctf(tmp_path / "pulled/ctf")
    assert names(events, "EXEC_EXIT") and lost == 0


def test_histograms_count_operations(shell):
    shell.check("echo clear >/proc/trace/histograms; echo 1 >/proc/trace/histograms")
    shell.check("trace stat sh -c true >/tmp/s; cat /proc/trace/counters >/tmp/c1;"
                "for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; sleep 0.2;"
                "echo 0 >/proc/trace/histograms; cat /proc/trace/counters >/tmp/c2")
    text = shell.check("cat /proc/trace/histograms")
    counts = {name: int(count) for name, count in re.findall(r"^(\w+(?: \w+)?) count=(\d+)", text, re.M)}
    assert counts["syscall execve"] >= 11 and counts["irq"] > 0 and counts["sched_delay"] > 0
    grown = [dict(re.findall(r"(\w+_TOTAL) (\d+)", shell.check(f"cat /tmp/c{n}"))) for n in (1, 2)]
    assert counts["page_fault"] >= int(grown[1]["PAGE_FAULT_TOTAL"]) - int(
        grown[0]["PAGE_FAULT_TOTAL"]) - 200 > 0
    # The buckets of each are its count, in rising order.
    for block in re.findall(r"^\w.* count=\d+\n(?:  .*\n?)+", text, re.M):
        buckets = [(int(a), int(b)) for a, b in re.findall(r"^  (\d+) (\d+)", block, re.M)]
        assert sum(n for _, n in buckets) == int(re.search(r"count=(\d+)", block)[1])
        assert buckets == sorted(buckets)


@pytest.mark.parametrize("variant", ["defconfig", "trace_defconfig"])
def test_panic_prints_the_last_of_each_cpu(boot, variant):
    with open(os.path.join(variants.folder(variant), ".config"), encoding="utf-8") as config:
        wanted = int(re.search(r"^CONFIG_TRACE_DUMP_ON_PANIC=(\d+)", config.read(), re.M)[1])
    guest = boot(tessera(variant, cpus=4, append="trace=irq,sched,ctx panic=-1"))
    guest.login()
    guest.check("for i in 1 2 3 4 5 6; do sleep 0.1 & done; wait")
    guest.sendline("echo c >/proc/sysrq-trigger")
    guest.finish()
    text = guest.text.replace("\r", "")
    assert "Last trace events:" in text
    dumped = [[int(n) for n in re.findall(rf"\] CPU{cpu} idx=(\d+) ", text.split("Last trace")[1])]
              for cpu in range(4)]
    for numbers in dumped:
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert max(map(len, dumped)) == wanted
