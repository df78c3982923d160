package main

import (
	"fmt"
	"time"

	"example.com/guestbook/internal/greeting"
)

func main() {
	for ; ; time.Sleep(time.Minute) {
		fmt.Println(greeting.Hello())
	}
}
