# SPDX-License-Identifier: BSD-2-Clause
"""SQLite: journals, locks between processes, shared memory of the write-ahead log."""
import os
import sqlite3

for journal in ("delete", "truncate", "persist", "wal", "memory", "off"):
    name = f"{journal}.db"
    base = sqlite3.connect(name, timeout=0.2, isolation_level=None)
    print(base.execute(f"pragma journal_mode={journal}").fetchone())
    base.execute("create table t (id integer primary key, text)")
    base.execute("begin")
    base.executemany("insert into t (text) values (?)", ((f"row {n}",) for n in range(500)))
    base.execute("commit")
    if journal != "off":
        base.execute("begin")
        base.execute("delete from t")
        base.execute("rollback")
    base.execute("begin immediate")
    if (pid := os.fork()) == 0:
        other = sqlite3.connect(name, timeout=0.1)
        try:
            other.execute("insert into t (text) values ('no')")
            os._exit(0)
        except sqlite3.OperationalError as error:
            print(error, other.execute("select count(*) from t").fetchone(), flush=True)
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    base.execute("insert into t (text) values ('last')")
    base.execute("commit")
    print(base.execute("select count(*), max(id) from t").fetchone(),
          base.execute("pragma integrity_check").fetchone(), sorted(os.listdir(".")))
    base.execute("create index i on t (text)")
    print(base.execute("select id from t where text = 'row 77'").fetchall())
    base.execute("pragma mmap_size=1000000")
    base.execute("vacuum")
    base.close()
writers = []
for writer in range(4):
    if (pid := os.fork()) == 0:
        base = sqlite3.connect("wal.db", timeout=60)
        for n in range(25):
            with base:
                base.execute("insert into t (text) values (?)", (f"{writer}.{n}",))
        os._exit(0)
    writers.append(pid)
print([os.waitpid(pid, 0)[1] for pid in writers])
print(sqlite3.connect("wal.db").execute("select count(*) from t").fetchone())
