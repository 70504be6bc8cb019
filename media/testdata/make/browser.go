package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

//go:embed page.js
var page string

// browser is a headless Chromium driven over the pipe variant of the DevTools
// protocol: JSON messages that end with a zero byte, on fd 3 and 4.
type browser struct {
	cmd     *exec.Cmd
	to      *os.File
	from    *bufio.Reader
	dir     string
	serial  int
	session string
}

func launch(program string) (*browser, error) {
	dir, err := os.MkdirTemp("", "record-")
	if err != nil {
		return nil, err
	}

	in, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}

	from, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}

	b := &browser{to: to, from: bufio.NewReaderSize(from, 1<<20), dir: dir}
	b.cmd = exec.Command(program, "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--user-data-dir="+dir, "--no-first-run",
		"--autoplay-policy=no-user-gesture-required", "--mute-audio", "about:blank")
	b.cmd.ExtraFiles = []*os.File{in, out}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}

	in.Close()
	out.Close()

	if err := b.open(); err != nil {
		b.close()
		return nil, err
	}

	return b, nil
}

func (b *browser) open() error {
	var target struct{ TargetID string }
	if err := b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target, time.Minute); err != nil {
		return err
	}

	var attached struct{ SessionID string }
	if err := b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached, time.Minute); err != nil {
		return err
	}

	b.session = attached.SessionID
	_, err := b.eval(page+"; 'ready'", time.Minute)
	return err
}

// eval runs an expression, waits for its promise and returns its string.
func (b *browser) eval(expression string, limit time.Duration) (string, error) {
	var out struct {
		Result           struct{ Value string }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	err := b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &out, limit)
	if err == nil && out.ExceptionDetails != nil {
		err = errors.New(out.ExceptionDetails.Text + " " + out.ExceptionDetails.Exception.Description)
	}

	return out.Result.Value, err
}

func (b *browser) call(method string, params, result any, limit time.Duration) error {
	b.serial++
	msg, err := json.Marshal(map[string]any{"id": b.serial, "method": method, "params": params, "sessionId": b.session})
	if b.session == "" {
		msg, err = json.Marshal(map[string]any{"id": b.serial, "method": method, "params": params})
	}

	if err != nil {
		return err
	}

	kill := time.AfterFunc(limit, func() { b.cmd.Process.Kill() })
	defer kill.Stop()

	if _, err := b.to.Write(append(msg, 0)); err != nil {
		return err
	}

	for {
		text, err := b.from.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}

		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(text[:len(text)-1], &answer); err != nil {
			return err
		}
		if answer.ID != b.serial {
			continue // an event
		}
		if answer.Error != nil {
			return fmt.Errorf("%s: %s", method, answer.Error.Message)
		}
		return json.Unmarshal(answer.Result, result)
	}
}

func (b *browser) close() {
	b.cmd.Process.Kill()
	b.cmd.Wait()
	os.RemoveAll(b.dir)
}
