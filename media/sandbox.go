package media

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// Limits of one sandboxed process.
const (
	limitMemory = 4 << 30  // bytes of address space
	limitFile   = 16 << 30 // bytes of one written file
	limitFiles  = 256      // open files
	niceness    = 10       // below the server itself
)

// sandboxErrorPrefix marks errors of SandboxMain in the log of a process: they are
// faults of the machine and not of the input.
const sandboxErrorPrefix = "sandbox:"

// sandboxArgs is the command line of our own binary that becomes p. A run with a
// timeout may use all processors until then; one that follows a recording may
// use two CPU-seconds per second for as long as a recording may last.
func sandboxArgs(p process) []string {
	limit := 2 * maxDuration
	if p.timeout > 0 {
		limit = p.timeout * time.Duration(runtime.NumCPU())
	}
	return append([]string{"__guard", p.dir, strconv.Itoa(int(limit.Seconds())), p.program}, p.args...)
}

// SandboxMain is the hidden subcommand __guard DIR CPUSECONDS PROGRAM ARGS…: it
// restricts its own process and then executes the program in it. It returns only
// when that fails.
//
// The program may read the system's libraries, read and write DIR and nothing
// else, and may not use TCP (Landlock, https://docs.kernel.org/userspace-
// api/landlock.html). Restrictions that the kernel does not support are omitted;
// `tidings doctor` reports them.
func SandboxMain(args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(os.Stderr, "__guard is private to tidings")
		return 2
	}

	// The restrictions apply to this thread alone; execve keeps them and ends the other threads.
	runtime.LockOSThread()
	dir, program := args[0], args[2]
	cpu, err := strconv.ParseUint(args[1], 10, 32)
	if err == nil {
		err = applyLimits(cpu)
	}

	if err == nil {
		err = applyLandlock(dir, program)
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, sandboxErrorPrefix, err)
		return 126
	}

	err = syscall.Exec(program, append([]string{program}, args[3:]...), os.Environ())
	fmt.Fprintln(os.Stderr, sandboxErrorPrefix, program, err)

	return 127
}

// applyLimits sets the resource limits; cpu is in seconds.
func applyLimits(cpu uint64) error {
	set := func(what int, n uint64, more ...uint64) error {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(what, &now); err != nil {
			return err
		}

		hard := n
		for _, m := range more {
			hard += m
		}

		return syscall.Setrlimit(what, &syscall.Rlimit{Cur: min(n, now.Max), Max: min(hard, now.Max)})
	}
	return errors.Join(
		set(syscall.RLIMIT_AS, limitMemory),
		set(syscall.RLIMIT_CPU, max(1, cpu), 5), // SIGXCPU first, so that the program can say so
		set(syscall.RLIMIT_FSIZE, limitFile),
		set(syscall.RLIMIT_NOFILE, limitFiles),
		set(syscall.RLIMIT_CORE, 0),
		syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness),
	)
}

// applyLandlock confines the process to dir. Besides it the process may read
// what programs consist of on any distribution, and the program itself, wherever
// it is installed.
func applyLandlock(dir, program string) error {
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}

	rules := []landlock.Rule{
		landlock.RODirs("/usr", "/lib", "/lib64", "/bin", "/etc/alternatives", "/nix/store").IgnoreIfMissing(),
		landlock.ROFiles(program).IgnoreIfMissing(),
		landlock.ROFiles("/etc/ld.so.cache", "/dev/urandom", "/proc/cpuinfo", "/proc/self/maps").IgnoreIfMissing(),
		landlock.RWFiles("/dev/null").IgnoreIfMissing(),
		landlock.RODirs("/sys/devices/system/cpu").IgnoreIfMissing(),
	}
	if dir != "" {
		rules = append(rules, landlock.RWDirs(dir))
	}

	return landlock.V8.BestEffort().Restrict(rules...)
}

// Confinement describes how far the kernel supports the confinement of sandboxed
// processes, for `tidings doctor`.
func Confinement() string {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return "Landlock is not available in this kernel: guarded programs are limited, but not confined to their folder."
	}
	features := []string{"files"}
	if abi >= 4 {
		features = append(features, "TCP")
	}
	return fmt.Sprintf("Landlock ABI %d confines guarded programs (%s).", abi, strings.Join(features, ", "))
}
