// A Go program without C: it asks the kernel itself, so nothing of it passes the library.
package main

import "fmt"

func main() {
	fmt.Println("hello")
}
