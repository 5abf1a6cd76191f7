# SPDX-License-Identifier: BSD-2-Clause
# The Java virtual machine: start it with each collector, and tools of it that work: keys, archives of classes.
PATH=$PATH:/usr/lib/jvm/java-17-openjdk-arm64/bin
java -version 2>&1 | head -n 1 | cut -d. -f1
for collector in Serial Parallel G1 Shenandoah Z; do
	java -XX:+Use${collector}GC -Xmx200m -version >/dev/null 2>&1; echo "$collector $?"
done
java -Xint -version >/dev/null 2>&1; echo "interpreter $?"
java -Xshare:dump -XX:SharedArchiveFile=/tmp/classes.jsa >/dev/null 2>&1; echo "dump $?"
java -Xshare:on -XX:SharedArchiveFile=/tmp/classes.jsa -version >/dev/null 2>&1; echo "shared $?"
java -XX:+PrintFlagsFinal -version 2>/dev/null | grep -E ' (UseLSE|UseSVE|UseLargePages) ' | tr -s ' '
java Missing 2>&1 | head -n 1; java -Xmx1k -version 2>&1 | head -n 1
cd /tmp && keytool -genkeypair -alias one -keyalg EC -dname CN=one -keystore keys -storepass secret1 2>&1 | head -n 1
keytool -list -keystore keys -storepass secret1 | grep -c PrivateKeyEntry
keytool -exportcert -rfc -alias one -keystore keys -storepass secret1 | head -n 1
keytool -list -keystore keys -storepass wrong 2>&1 | head -n 1
(ulimit -v 300000; java -version >/dev/null 2>&1; echo "little room $?")
java -XX:+UnlockDiagnosticVMOptions -XX:NativeMemoryTracking=summary -XX:+PrintNMTStatistics -version 2>&1 | grep -c reserved=
