// A Go program that keeps both Go memory, which the library does not see, and memory of C's malloc, which it does.
package main

/*
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static void *keep_in_c(size_t bytes)
{
    void *kept = malloc(bytes);
    return kept ? memset(kept, 1, bytes) : NULL;
}
*/
import "C"

import (
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"
)

var inGo [][]byte
var inC []unsafe.Pointer

func remember() {
	inGo = append(inGo, make([]byte, 65536)) // Go maps 4 MiB at a time
	inC = append(inC, C.keep_in_c(16384))
}

func main() {
	turns, err := strconv.Atoi(os.Getenv("TURNS"))
	if err != nil {
		turns = 1200 // about 6 s
	}
	for turn := 0; turn < turns; turn++ {
		remember()
		time.Sleep(5 * time.Millisecond)
	}
	fmt.Printf("kept %d blocks of 16384\n", len(inC))
}
