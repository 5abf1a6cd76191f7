# SPDX-License-Identifier: BSD-2-Clause
# PostgreSQL: a cluster is made, serves clients at once, is killed and recovers.
PATH=$PATH:/usr/lib/postgresql/15/bin
echo 'postgres:x:100:100::/tmp/home:/bin/sh' >>/etc/passwd; echo 'postgres:x:100:' >>/etc/group
mkdir -p /tmp/home /var/run/postgresql; chown postgres:postgres /tmp/home /var/run/postgresql
cat >/tmp/work <<'S'
export PATH PGDATA=/tmp/home/data PAGER=cat
initdb -A trust --locale=C >/tmp/home/initdb 2>&1; echo "initdb $?"
pg_ctl -l /tmp/home/log -w start | tail -n 1
psql -Atc "create table t (n int primary key, s text)" -c "insert into t select g, md5(g::text) from generate_series(1, 5000) g" \
	-c "select count(*), max(s), sum(n) from t" -c "create index on t (s)" -c "explain (costs off) select * from t where s = 'x'" postgres
psql -Atc "select pg_sleep(0.1) is not null" -c "show shared_memory_type" -c "show dynamic_shared_memory_type" postgres
psql -Atc "set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set min_parallel_table_scan_size = 0; select count(*) from t where n % 7 = 0" postgres
pgbench -qi -s 1 postgres >/dev/null 2>&1; echo "prepared $?"
pgbench -c 4 -j 2 -t 50 postgres 2>/dev/null | grep -E 'processed|failed'
psql -Atc "select sum(abalance) = (select sum(delta) from pgbench_history), (select count(*) from pgbench_history) from pgbench_accounts" postgres
psql -c "listen news" -c "notify news, 'text'" postgres | sed 's/PID [0-9]*/PID/'
kill -9 $(head -n 1 $PGDATA/postmaster.pid); sleep 1
pg_ctl -l /tmp/home/log -w start | tail -n 1; grep -c 'automatic recovery in progress' /tmp/home/log
psql -Atc "select count(*) from pgbench_history" -c "select count(*) from t" postgres
(psql -c "select pg_sleep(100)" postgres 2>&1 & echo $! >/tmp/home/pid; wait) & sleep 1
psql -Atc "select pg_cancel_backend(pid) from pg_stat_activity where query like '%sleep(100)%' and pid <> pg_backend_pid()" postgres; wait
pg_dump -t t postgres | grep -c ^[0-9]; psql -h 127.0.0.1 -Atc "select 1" postgres; psql -h ::1 -Atc "select 2" postgres
pg_ctl -m fast -w stop | tail -n 1; ls /var/run/postgresql | wc -l
S
chmod 755 /tmp/work; busybox su postgres -c "PATH=$PATH sh /tmp/work" 2>&1
