package greeting

import "github.com/google/uuid"

// Version is set by the linker: GO_LINKER_SYMBOL.
var Version = "unknown"

func Hello() string {
	return "go-cmd " + uuid.NameSpaceDNS.String()[:8] + " " + Version
}
