package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var sizePattern = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)$`)

var sizeUnits = map[string]float64{
	"": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
	"ki": 1 << 10, "kib": 1 << 10, "mi": 1 << 20, "mib": 1 << 20, "gi": 1 << 30, "gib": 1 << 30, "ti": 1 << 40, "tib": 1 << 40,
}

// parseSize reads sizes as the real server does ("512MiB", "2 GB", plain bytes) and says them in bytes.
func parseSize(text string) (string, bool) {
	if text == "" {
		return "unlimited", true
	}
	parts := sizePattern.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return "", false
	}
	unit, known := sizeUnits[parts[2]]
	number, err := strconv.ParseFloat(parts[1], 64)
	if !known || err != nil || number*unit < 1 {
		return "", false
	}
	return fmt.Sprintf("%.0f bytes", number*unit), true
}

func parseThreads(text string) (string, bool) {
	if text == "" || text == "unlimited" {
		return "unlimited", true
	}
	_, err := strconv.ParseUint(text, 10, 32)
	return text, err == nil
}

// checkMasterKey holds the rule of the real server: production needs a master key of at least 16 bytes.
func (c config) checkMasterKey() error {
	if c.env != "production" || len(c.masterKey) >= minMasterKey {
		return nil
	}
	if c.masterKey == "" {
		return fmt.Errorf("You must provide a master key to secure your instance in a production environment. " +
			"It can be specified via the MEILI_MASTER_KEY environment variable or the --master-key launch option.")
	}
	return fmt.Errorf("The master key must be at least %d bytes in a production environment. The provided key is only %d bytes.",
		minMasterKey, len(c.masterKey))
}
