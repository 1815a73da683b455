// SPDX-License-Identifier: MIT

// CNI's Go package ns, and what its tests make namespaces with.
package main

import (
	"os"
	"runtime"
	"time"

	"github.com/containernetworking/plugins/pkg/ns"
	"github.com/containernetworking/plugins/pkg/testutils"
)

var target ns.NetNS

func nothing(ns.NetNS) error {
	return nil
}

func do(n int) (time.Duration, error) {
	return timed(n, func(int) error { return target.Do(nothing) })
}

// As in each plugin of CNI, whose main function keeps to its thread.
func doLocked(n int) (time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return do(n)
}

func open(n int) (time.Duration, error) {
	return timed(n, func(int) error {
		opened, err := ns.GetNS(os.Args[1])
		if err != nil {
			return err
		}
		return opened.Close()
	})
}

func makeAll(made []ns.NetNS) (time.Duration, error) {
	return timed(len(made), func(i int) (err error) {
		made[i], err = testutils.NewNS()
		return err
	})
}

// Its handle has to be closed first: the mount would be busy.
func removeAll(made []ns.NetNS) (time.Duration, error) {
	for i := range made {
		if err := made[i].Close(); err != nil {
			return 0, err
		}
	}
	return timed(len(made), func(i int) error { return testutils.UnmountNS(made[i]) })
}

func create(n int) (time.Duration, error) {
	made := make([]ns.NetNS, n)
	spent, err := makeAll(made)
	if err == nil {
		_, err = removeAll(made)
	}
	return spent, err
}

func remove(n int) (time.Duration, error) {
	made := make([]ns.NetNS, n)
	if _, err := makeAll(made); err != nil {
		return 0, err
	}
	return removeAll(made)
}

func main() {
	var err error

	if target, err = ns.GetNS(os.Args[1]); err != nil {
		panic(err)
	}
	serve(map[string]operation{
		"do":       do,
		"doLocked": doLocked,
		"open":     open,
		"create":   create,
		"delete":   remove,
	})
}
