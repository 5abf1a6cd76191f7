# SPDX-License-Identifier: BSD-2-Clause
strace -qq -e trace=openat,read,write,close -P /etc/group cat /etc/group 2>&1 >/dev/null
strace -f -qq -e trace=exit_group sh -c '(exit 3); (exit 4); exit 5' 2>&1 | grep -o 'exit_group.*' | tr -s ' ' | sort
strace -qq -e trace=kill -e signal=usr1 sh -c 'trap : USR1; kill -USR1 $$' 2>&1 | sed 's/kill([0-9]*/kill(N/;s/si_pid=[0-9]*/si_pid=N/' | tr -s ' '
strace -qq -e inject=openat:error=EACCES:when=3 cat /etc/group 2>&1 | grep -c EACCES; strace -qq -e fault=getuid:error=EPERM id -u 2>&1 | tail -n 1
strace -c -o c ls / >/dev/null; tail -n 1 c | sed 's/[0-9. ]*total/total/'; strace -qq -y -e trace=fstat cat /etc/group 2>&1 | grep -c '/etc/group'
strace -qq -k -e trace=none true 2>&1; strace -qq -e trace=mprotect true 2>&1 | sed 's/0x[0-9a-f]*/P/g'
strace -qq -e trace=socket,pipe2,dup3,fcntl,ioctl sh -c 'echo x; stty' 2>&1 </dev/null | grep -v SIGCHLD; strace -qq -e status=failed -e trace=file ls /nonexistent 2>&1 | grep nonexistent | sed 's/0x[0-9a-f]*/P/g'; strace -o '|cat' -qq -e trace=getpid true; strace -p 999999 2>&1
strace -f --seccomp-bpf -qq -e trace=exit_group,getppid sh -c '(exit 3); exit 4' 2>&1 | grep -o 'exit_group.*' | tr -s ' ' | sort
