// SPDX-License-Identifier: MIT

// vishvananda/netns, used as its README says: on a locked thread, which is brought home by hand.
package main

import (
	"fmt"
	"os"
	"path"
	"runtime"
	"time"

	"github.com/vishvananda/netns"
)

var target, home netns.NsHandle

func pair(n int) (time.Duration, error) {
	return timed(n, func(int) error {
		if err := netns.Set(target); err != nil {
			return err
		}
		return netns.Set(home)
	})
}

func do(n int) (time.Duration, error) {
	return timed(n, func(int) error {
		origin, err := netns.Get()
		if err != nil {
			return err
		}
		if err := netns.Set(target); err != nil {
			return err
		}
		if err := netns.Set(origin); err != nil {
			return err
		}
		return origin.Close()
	})
}

func open(n int) (time.Duration, error) {
	name := path.Base(os.Args[1])
	return timed(n, func(int) error {
		opened, err := netns.GetFromName(name)
		if err != nil {
			return err
		}
		return opened.Close()
	})
}

func name(i int) string {
	return fmt.Sprintf("v%d", i)
}

func makeAll(n int) (time.Duration, error) {
	made := make([]netns.NsHandle, n)
	spent, err := timed(n, func(i int) (err error) {
		made[i], err = netns.NewNamed(name(i))
		return err
	})
	if err != nil {
		return 0, err
	}
	for i := range made {
		made[i].Close()
	}
	return spent, netns.Set(home)
}

func removeAll(n int) (time.Duration, error) {
	return timed(n, func(i int) error { return netns.DeleteNamed(name(i)) })
}

func create(n int) (time.Duration, error) {
	spent, err := makeAll(n)
	if err == nil {
		_, err = removeAll(n)
	}
	return spent, err
}

func remove(n int) (time.Duration, error) {
	if _, err := makeAll(n); err != nil {
		return 0, err
	}
	return removeAll(n)
}

func main() {
	var err error

	runtime.LockOSThread()
	if target, err = netns.GetFromPath(os.Args[1]); err != nil {
		panic(err)
	}
	if home, err = netns.Get(); err != nil {
		panic(err)
	}
	serve(map[string]operation{
		"pair":   pair,
		"do":     do,
		"open":   open,
		"create": create,
		"delete": remove,
	})
}
