# SPDX-License-Identifier: BSD-2-Clause
# Jobs, traps, pipelines, redirections, substitutions.
set -o pipefail
f() { local -n ref=$1; ref+=(x); }; a=(); f a; f a; echo "${#a[@]}"
for i in 1 2 3; do (exit "$i") & pids+=($!); done
for p in "${pids[@]}"; do wait "$p"; echo "status $?"; done
trap 'echo usr1' USR1; kill -USR1 $$; trap 'echo chld >>chld' CHLD; /bin/true; /bin/true; trap - CHLD
wc -l <chld
true | false | true; echo "$? ${PIPESTATUS[*]}"
exec 5<>file; echo line >&5; cat file; exec 5>&-
exec {fd}< <(seq 3); cat <&"$fd"; exec {fd}<&-
(ulimit -n 20; for i in $(seq 30); do eval "exec $((i + 3))</dev/null" || break; done) 2>&1 | tail -n 1 | sed 's/.*: //'
(ulimit -f 1; head -c 100000 /dev/zero >big; echo "status $?") 2>&1 | sed 's/.*line [0-9]*: *[0-9]* //'
sleep 100 & kill -STOP $!; jobs | sed 's/ \+/ /g'; kill -CONT $!; kill $!; wait $!; echo "$?"
coproc cat; echo through >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"
bash -c 'bash -c "kill -SEGV \$\$"; echo "$?"' 2>/dev/null
bash -c 'trap "" TERM; kill $$; echo survived'
printf '%s\n' {a..c}{1..2} | sort -r | paste -sd,
timeout 0.2 bash -c 'while :; do :; done'; echo "$?"
read -t 0.1 x <>/dev/zero; echo "read $?"
[[ /etc/passwd -nt /nonexistent ]] && echo newer
diff <(seq 3) <(seq 2 4)
