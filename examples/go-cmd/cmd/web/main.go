package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"example.com/guestbook/internal/greeting"
)

func main() {
	hooks, _ := os.ReadFile("hooks.txt")
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s; %s", greeting.Hello(), hooks)
	})
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
