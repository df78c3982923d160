module example.com/guestbook

// +heroku goVersion go1.25
go 1.24.0

require github.com/google/uuid v1.6.0
