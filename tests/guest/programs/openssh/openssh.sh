# SPDX-License-Identifier: BSD-2-Clause
# OpenSSH, and what goes through it: a terminal, files by sftp and rsync, git, a forwarded port.
mkdir -p /run/sshd /var/empty /var/log /etc/ssh /root/.ssh; chmod 700 /root /root/.ssh
export HOME=/root GIT_CONFIG_NOSYSTEM=1 PAGER=cat
echo 'sshd:x:101:65534::/run/sshd:/bin/false' >>/etc/passwd; : >/var/log/lastlog
printf 'Port 2222\nUsePAM no\nPrintMotd no\nSubsystem sftp internal-sftp\n' >/etc/ssh/sshd_config
printf 'Host *\n Port 2222\n StrictHostKeyChecking no\n LogLevel ERROR\n UserKnownHostsFile /dev/null\n' >/root/.ssh/config
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
for type in ed25519 ecdsa; do ssh-keygen -q -t $type -N '' -f /etc/ssh/ssh_host_${type}_key; done
/usr/sbin/sshd; echo "sshd $?"
ssh 127.0.0.1 'echo by ssh; id -un; exit 5'; echo "status $?"
ssh -tt 127.0.0.1 'tty | sed s/[0-9]*$//; stty size </dev/tty >/dev/null; echo $?' </dev/null | tr -d '\r'
head -c 3000000 /dev/urandom >/tmp/data; ssh 127.0.0.1 cat </tmp/data | cmp - /tmp/data; echo "piped $?"
for n in 1 2 3 4 5; do ssh 127.0.0.1 "echo $n" & done | sort; wait
mkdir /tmp/from; seq 1000 >/tmp/from/numbers; ln -s numbers /tmp/from/link; chmod 640 /tmp/from/numbers
rsync -a /tmp/from/ 127.0.0.1:/tmp/to; diff -r /tmp/from /tmp/to; echo "same $?"; stat -c '%a %F' /tmp/to/*
echo more >>/tmp/from/numbers; rsync -ai /tmp/from/ 127.0.0.1:/tmp/to | cut -c1-11,12-
printf 'cd /tmp/to\nls -1\nget numbers /tmp/got\nrename link other\nmkdir folder\nls -1\n' >/tmp/batch
sftp -q -b /tmp/batch 127.0.0.1 | grep -v '^Fetching'; cmp /tmp/got /tmp/from/numbers; echo "got $?"
scp -q /tmp/data 127.0.0.1:/tmp/copy; cmp /tmp/data /tmp/copy; echo "copied $?"
git config --global user.name name; git config --global user.email name@example.org; git config --global init.defaultBranch main
git init -q /tmp/repo; cd /tmp/repo; echo one >file; git add file; git commit -qm first
git clone -q ssh://127.0.0.1/tmp/repo /tmp/clone; git -C /tmp/clone log --format=%s; cd /tmp/clone
echo two >>file; git commit -qam second; git push -q origin HEAD:other; git -C /tmp/repo log --format=%s other
ssh -f -N -L 7777:127.0.0.1:2222 127.0.0.1; ssh -p 7777 127.0.0.1 echo through the tunnel
ssh -o PubkeyAuthentication=no -o BatchMode=yes 127.0.0.1 true; echo "refused $?"
