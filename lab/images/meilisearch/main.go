// Command meilisearch is the lab's STAND-IN for the MeiliSearch server. It answers a small part of the public HTTP
// API on machines that cannot pull the real image, and refuses everything else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is the MeiliSearch version whose API is answered; builds set it with -ldflags "-X main.version=1.50.0".
var version = "1.50.0"

// stopWithin bounds how long requests in flight may hold up a stop.
const stopWithin = 2 * time.Second

func main() {
	cfg, err := loadConfig(os.Args[1:], os.Environ(), os.Stdout)
	switch {
	case errors.Is(err, errAnswered):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(exitCode(err))
	}
	if err := run(cfg, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		os.Exit(1)
	}
}

func run(cfg config, log io.Writer) error {
	if err := cfg.checkMasterKey(); err != nil {
		return err
	}
	banner(cfg, log)
	db, err := openDatabase(cfg, log)
	if err != nil {
		return err
	}
	defer db.close()

	listener, err := net.Listen("tcp", cfg.httpAddr)
	if err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	db.start(stop)
	if cfg.scheduleSnapshot > 0 {
		go db.schedule(stop, cfg.scheduleSnapshot, log)
	}

	web := &http.Server{Handler: newServer(cfg, db, log).handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stop.Done():
	}
	grace, done := context.WithTimeout(context.Background(), stopWithin)
	defer done()
	if web.Shutdown(grace) != nil {
		_ = web.Close()
	}
	return nil
}

func banner(cfg config, log io.Writer) {
	auth := "A master key has been set: requests need an API key."
	if cfg.masterKey == "" {
		auth = "No master key was found: the server accepts unidentified requests."
	}
	fmt.Fprintf(log, `
  ================================================================
   This is the lab's STAND-IN for MeiliSearch. It is NOT MeiliSearch.
   It answers part of the v%s API and refuses the rest with 501.
   Use the real server for anything that matters.
  ================================================================

Database path:        %q
Dump directory:       %q
Snapshot directory:   %q
Server listening on:  "http://%s"
Environment:          %q
Indexing memory:      %s (accepted, not used by the stand-in)
Indexing threads:     %s (accepted, not used by the stand-in)
%s

`, version, cfg.dbPath, cfg.dumpDir, cfg.snapshotDir, cfg.httpAddr, cfg.env, cfg.maxMemory, cfg.maxThreads, auth)
}
