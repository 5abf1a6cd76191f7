# SPDX-License-Identifier: BSD-2-Clause
# tar, xz, gzip: owners, times, links, sparse files, threads.
mkdir -p t/d; echo data >t/f; ln t/f t/hard; ln -s f t/soft; mkfifo t/p; mknod t/n c 1 3; truncate -s 8M t/sparse; echo end >>t/sparse
chmod 640 t/f; chown 5:6 t/f; touch -h -d @1000000000 t/* t
tar --sort=name --numeric-owner -cf a.tar t; tar -tvf a.tar | sed 's/  */ /g'; tar --sort=name -S -cf s.tar t; [ "$(stat -c %s s.tar)" -lt 100000 ] && echo sparse
mkdir x; tar -xpf s.tar -C x; diff -r --no-dereference t/d x/t/d; stat -c '%n %u:%g %a %Y %h %s' x/t/* | sort; stat -c '%b' x/t/sparse
tar -cJf a.txz t/f; tar -tf a.txz; tar -czf a.tgz -C t f soft; tar -xzOf a.tgz f; tar --delete -f a.tar t/f; tar -tf a.tar | wc -l
tar -rf a.tar a.txz; tar -tf a.tar | tail -n 1; tar -df a.tar 2>&1 | sort | head -n 3; tar -xf /nonexistent 2>&1 | tail -n 1
seq 200000 >n; xz -k -0 n; xz -l n.xz | tail -n 1 | sed 's/  */ /g'; xz -dc n.xz | cmp - n && echo same; xz -T 4 -0 --block-size=200KiB -kc n | xz -dc | cmp - n && echo threads
xz -t n.xz; head -c 1000 n.xz | xz -dc 2>&1 >/dev/null | tail -n 1; gzip -k n; gzip -l n.gz | tail -n 1 | sed 's/  */ /g'; zcat n.gz | md5sum; gzip -t <(head -c 100 n.gz) 2>&1 | sed 's/.*: //'
tar -cf - t | (cd x && tar -xf - --overwrite) && ls x/t | paste -sd' '; tar --one-file-system -cf /dev/null t && echo null
tar -c --exclude='t/s*' t | tar -t | sort | paste -sd' '; tar -cML 700 -f v1.tar -f v2.tar -f v3.tar n; ls v*.tar; tar -xMOf v1.tar -f v2.tar -f v3.tar n | cmp - n && echo volumes
