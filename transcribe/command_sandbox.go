package transcribe

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Limits of a speech program.
const (
	commandFile  = 1 << 30 // bytes of one written file
	commandFiles = 1024    // open files
	commandNice  = 10      // below the server itself
)

// CommandMain is the hidden subcommand __command DIR MEMORY PROGRAM ARGS…: it
// sets its resource limits, gives up the right to write anywhere but in DIR and
// to devices, and then executes the program. It returns only when that fails.
//
// The program may read what the user of the server may read, since its models
// can be anywhere. It may use the network.
func CommandMain(args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(os.Stderr, "__command is private to tidings")
		return 2
	}

	// The restrictions apply to this thread alone; execve keeps them and ends the other threads.
	runtime.LockOSThread()
	dir, program := args[0], args[2]
	memory, err := strconv.ParseUint(args[1], 10, 63)
	if err == nil {
		err = restrictWrites(dir, "/dev")
	}

	if err == nil {
		err = applyCommandLimits()
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		return 126
	}

	err = execLimited(program, args[2:], os.Environ(), memory)
	fmt.Fprintln(os.Stderr, "sandbox:", program, err)

	return 127
}

func applyCommandLimits() error {
	set := func(what int, n uint64) error {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(what, &now); err != nil {
			return err
		}
		n = min(n, now.Max)
		return syscall.Setrlimit(what, &syscall.Rlimit{Cur: n, Max: n})
	}
	return errors.Join(
		set(syscall.RLIMIT_FSIZE, commandFile),
		set(syscall.RLIMIT_NOFILE, commandFiles),
		set(syscall.RLIMIT_CORE, 0),
		syscall.Setpriority(syscall.PRIO_PROCESS, 0, commandNice),
	)
}

// execLimited limits the address space (bytes; 0 = no limit) and executes the
// program. It returns only when that fails. Nothing of the Go runtime runs in
// between: it has more address space than the limit, and ends the process when
// it cannot start a thread.
func execLimited(program string, args, env []string, memory uint64) error {
	path, err := syscall.BytePtrFromString(program)
	if err != nil {
		return err
	}

	argv, err := syscall.SlicePtrFromStrings(args)
	if err != nil {
		return err
	}

	envv, err := syscall.SlicePtrFromStrings(env)
	if err != nil {
		return err
	}

	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		return err
	}
	if memory > 0 {
		limit.Cur, limit.Max = min(memory, limit.Max), min(memory, limit.Max)
	}

	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, 0, syscall.RLIMIT_AS, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno == 0 {
		_, _, errno = syscall.RawSyscall(syscall.SYS_EXECVE, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envv[0])))
	}
	return errno
}

// restrictWrites takes from this thread, and from the program it executes, the
// right to write outside of dirs (Landlock, https://docs.kernel.org/userspace-
// api/landlock.html). A kernel without Landlock is not an error: the resource
// limits apply all the same.
func restrictWrites(dirs ...string) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}

	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return nil
	}

	rights := uint64(unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK | unix.LANDLOCK_ACCESS_FS_MAKE_SYM)
	if abi >= 2 {
		rights |= unix.LANDLOCK_ACCESS_FS_REFER
	}

	if abi >= 3 {
		rights |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}

	set := unix.LandlockRulesetAttr{Handled_access_fs: rights}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&set)), unsafe.Sizeof(set.Handled_access_fs), 0)
	if errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	defer unix.Close(int(fd))

	for _, dir := range dirs {
		if err := addLandlockRule(int(fd), dir, rights); err != nil {
			return err
		}
	}

	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}

	return nil
}

// addLandlockRule adds a folder to a ruleset.
func addLandlockRule(set int, dir string, rights uint64) error {
	at, err := unix.Open(dir, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	defer unix.Close(at)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(at)}
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(set), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("landlock: %s: %w", dir, errno)
	}
	return nil
}
