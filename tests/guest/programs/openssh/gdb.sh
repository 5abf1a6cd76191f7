# SPDX-License-Identifier: BSD-2-Clause
# GDB in the guest: breakpoints, steps, watchpoints, registers, a fork followed, an attached process, a core.
export HOME=/tmp
gdb=(gdb -nx -q -batch -ex 'set confirm off' -ex 'set style enabled off')
trim() { grep -v -E '^\[|warning:|debuginfod|^Using host|^Download|^Debuginfo' | sed -E 's/0x[0-9a-f]+/ADDR/g; s/(process|LWP|Thread) [0-9]+/\1 N/g; s/ +/ /g'; }
"${gdb[@]}" -ex 'break main' -ex run -ex 'p $_siginfo.si_signo' -ex 'stepi' -ex 'p (long)$sp % 16' -ex 'p $pc > 0' -ex 'info inferiors' \
	-ex 'continue' -ex 'p $_exitcode' --args /bin/bash -c 'echo from bash; exit 3' 2>&1 | trim
"${gdb[@]}" -ex 'catch syscall write' -ex run -ex 'p $x0' -ex 'p $x2' -ex continue -ex 'p (long)$x0' -ex 'delete' -ex continue \
	--args /bin/echo text 2>&1 | trim | grep -v ' in '
"${gdb[@]}" -ex 'set follow-fork-mode child' -ex 'catch exec' -ex run -ex 'delete' -ex continue --args /bin/bash -c '/bin/true; /bin/false' 2>&1 | trim | grep -c exec
"${gdb[@]}" -ex 'break main' -ex run -ex 'watch *(long *)($sp - 64)' -ex continue --args /bin/true 2>&1 | trim | grep -c 'watchpoint 2\|Watchpoint 2'
sleep 100 & sleep 1
"${gdb[@]}" -p $! -ex 'p $x8' -ex 'info proc stat' -ex detach 2>&1 | trim | grep -E 'ADDR|= [0-9]+|State|Name' | head -n 5
kill -0 $!; echo "alive $?"; kill $!; wait $! 2>/dev/null; echo "ended $?"
ulimit -c unlimited; cd /tmp; { bash -c 'kill -SEGV $$'; } 2>/dev/null; echo "status $?"
core=$(ls core* 2>/dev/null | head -n 1); [ -n "$core" ] && "${gdb[@]}" -ex 'info signals SIGSEGV' -ex 'p $x8' /bin/bash "$core" 2>&1 | trim | grep -E 'terminated|SIGSEGV|= '
