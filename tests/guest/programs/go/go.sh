# SPDX-License-Identifier: BSD-2-Clause
# The Go compiler builds a program here, and its run-time system runs it: threads, signals, sockets, epoll.
export HOME=/tmp GOFLAGS=-p=2 GOCACHE=/tmp/cache CGO_ENABLED=0
mkdir /tmp/prog && cd /tmp/prog
cat >go.mod <<'M'
module prog
go 1.19
M
cat >main.go <<'M'
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

func sum(n int) int {
	if n == 0 {
		return 0
	}
	var room [64]int
	room[n%64] = n
	return room[n%64] + sum(n-1)
}

func serve(network, address string) {
	listener, err := net.Listen(network, address)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	var all sync.WaitGroup
	sizes := make([]int, 20)
	for i := range sizes {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			c, err := net.Dial(network, listener.Addr().String())
			if err != nil {
				fmt.Println(err)
				return
			}
			go func() {
				c.Write(make([]byte, i*10000))
				c.(interface{ CloseWrite() error }).CloseWrite()
			}()
			got, _ := io.ReadAll(c)
			sizes[i] = len(got)
		}(i)
	}
	all.Wait()
	fmt.Println(network, sizes)
}

func main() {
	fmt.Println(runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	var all sync.WaitGroup
	var lock sync.Mutex
	count := 0
	for i := 0; i < 2000; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			time.Sleep(time.Millisecond)
			lock.Lock()
			count++
			lock.Unlock()
		}()
	}
	all.Wait()
	fmt.Println("routines", count, "deep", sum(200000))

	stop := time.Now().Add(300 * time.Millisecond)
	spun := make(chan bool)
	for i := 0; i < 4; i++ {
		go func() {
			for time.Now().Before(stop) {
			}
			spun <- true
		}()
	}
	for i := 0; i < 4; i++ {
		<-spun
	}
	for i := 0; i < 20; i++ {
		_ = make([]byte, 8<<20)
	}
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println("collected", stats.NumGC > 0, "released", stats.HeapReleased > 0)

	serve("tcp", "127.0.0.1:0")
	serve("tcp", "[::1]:0")
	serve("unix", "/tmp/prog/socket")

	out, err := exec.Command("sh", "-c", "echo child; exit 3").Output()
	fmt.Printf("%q %v\n", out, err)
	sleeper := exec.Command("sleep", "100")
	sleeper.Start()
	sleeper.Process.Signal(syscall.SIGTERM)
	fmt.Println(sleeper.Wait())

	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-heard)
	_, err = net.DialTimeout("tcp", "127.0.0.1:1", time.Second)
	fmt.Println(err)
	c, _ := net.ListenPacket("udp", "127.0.0.1:0")
	c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, _, err = c.ReadFrom(make([]byte, 1))
	fmt.Println(os.IsTimeout(err))
	folders := 0
	filepath.Walk("/proc/self/task", func(path string, info os.FileInfo, err error) error {
		if err == nil && info.IsDir() && filepath.Base(path) == "fd" {
			folders++
		}
		return nil
	})
	fmt.Println("threads", folders > 1)
	defer func() { fmt.Println("caught:", recover()) }()
	var nowhere *int
	*nowhere = 1
}
M
go vet . && go build -o prog . ; echo "build $?"
./prog; echo "status $?"
GOMAXPROCS=1 ./prog >/tmp/one; ./prog >/tmp/two; cmp /tmp/one /tmp/two; echo "same $?"
cat >prog_test.go <<'M'
package main

import "testing"

func TestSum(t *testing.T) {
	if sum(10) != 55 {
		t.Fail()
	}
}
M
go test . | cut -f1,2; go version | cut -d' ' -f3,4
