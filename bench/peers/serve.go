// SPDX-License-Identifier: MIT

// What the peers in Go have in common: a line "OPERATION N" comes in, what it took in
// nanoseconds goes out.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

type operation func(n int) (time.Duration, error)

// As fast as it goes, so that nothing but the calls is between two looks at the clock.
func timed(n int, f func(i int) error) (time.Duration, error) {
	start := time.Now()
	for i := 0; i < n; i++ {
		if err := f(i); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

func serve(operations map[string]operation) {
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var name string
		var n int

		fmt.Sscan(in.Text(), &name, &n)
		f, known := operations[name]
		if !known {
			fmt.Println("unknown")
			continue
		}
		spent, err := f(n)
		if err != nil {
			fmt.Println("failed:", err)
			continue
		}
		fmt.Println(spent.Nanoseconds())
	}
}
