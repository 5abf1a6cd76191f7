# SPDX-License-Identifier: BSD-2-Clause
use strict; use warnings; use POSIX qw(:sys_wait_h :signal_h :fcntl_h ceil strftime);
use Socket; use IO::Handle; use IO::Select; use IO::Socket::UNIX; use Fcntl qw(:flock :seek); use Time::HiRes qw(alarm usleep);
use File::Temp; use File::Find; use File::Copy; use Cwd; use Digest::MD5 qw(md5_hex); use Storable; use Sys::Hostname; use IPC::Open3; use threads; use threads::shared;
$| = 1;
my %h = map { $_ => $_ ** 2 } 1 .. 5; print join(",", map { "$_=$h{$_}" } sort keys %h), "\n";
my $text = "The quick brown fox"; (my $t = $text) =~ s/(\w+)/\u\L$1/g; print "$t\n", scalar reverse("abc"), "\n", md5_hex($text), "\n";
pipe(my $r, my $w) or die; my $pid = fork; if (!$pid) { close $r; print $w "from child\n"; exit 7 } close $w; print <$r>; waitpid($pid, 0); print $? >> 8, "\n";
my $got = 0; local $SIG{USR1} = sub { $got++ }; kill USR1 => $$ for 1 .. 3; print "signals $got\n";
eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 0.1; select undef, undef, undef, 5; }; print $@;
my $sigs = POSIX::SigSet->new(SIGUSR2); sigprocmask(SIG_BLOCK, $sigs); $SIG{USR2} = sub { print "usr2\n" }; kill USR2 => $$; print "blocked\n"; sigprocmask(SIG_UNBLOCK, $sigs);
socketpair(my $left, my $right, AF_UNIX, SOCK_STREAM, PF_UNSPEC); $right->autoflush; print $right "x" x 10, "\n"; print scalar <$left>;
my $s = IO::Socket::UNIX->new(Local => "sock", Listen => 1) or die; if (!fork) { my $c = IO::Socket::UNIX->new(Peer => "sock"); print $c "hello\n"; exit } my $c = $s->accept; print scalar <$c>; wait;
open(my $f, "+>", "file") or die; print $f "0123456789"; seek $f, 3, SEEK_SET; read $f, my $buf, 4; print "$buf\n"; truncate $f, 5; print -s $f, "\n"; flock($f, LOCK_EX | LOCK_NB) or die; print "locked\n"; open(my $g, "<", "file"); print flock($g, LOCK_EX | LOCK_NB) ? "both\n" : "busy $!\n";
mkdir "d", 0700; printf "%o\n", (stat "d")[2] & 07777; symlink "d", "l"; print readlink "l", "\n"; rename "file", "d/f"; find(sub { print "$File::Find::name\n" if -f }, "d"); unlink "d/f"; rmdir "d"; print -e "d" ? "there" : "gone", "\n"; open(my $no, "<", "/nonexistent") or print "$!\n"; utime 1, 2, "l" or print "utime: $!\n";
my $in; my $p = open3($in, my $out, undef, "tr a-z A-Z"); print $in "shout\n"; close $in; print <$out>; waitpid $p, 0; print `echo back; exit 3`, $? >> 8, "\n"; system "kill -9 \$\$"; print $? & 127, "\n";
my $sum :shared = 0; $_->join for map { threads->create(sub { for (1 .. 100) { lock $sum; $sum++ } }) } 1 .. 4; print "threads $sum\n";
print strftime("%Y-%m-%d", gmtime 86400), " ", ceil(1.2), "\n"; my ($n, @rest) = getpwnam "root"; print "$n $rest[1]\n"; print join(",", sort { $a <=> $b } (10, 9, 2, 1)), "\n"; print "$0\n" =~ s/.*\///r; print sprintf("%vd", "1.22.333"), " ", unpack("H*", pack("NnC", 1, 2, 3)), "\n";
local $SIG{CHLD} = 'IGNORE'; if (!fork) { exit 1 } select undef, undef, undef, 0.2; print wait, "\n"; my $d = Cwd::cwd(); print $d =~ s/.*\///r, "\n"; exit 5;
