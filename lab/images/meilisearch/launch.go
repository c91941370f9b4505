package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// openDatabase opens or makes the database in the order of the real server, and the dump directory with it.
func openDatabase(cfg config, log io.Writer) (db *store, err error) {
	empty := isEmptyDB(cfg.dbPath)
	switch {
	case cfg.snapshot.path != "":
		if err := cfg.snapshot.check(cfg.dbPath, empty, "snapshot doesn't exist at "+cfg.snapshot.path); err != nil {
			return nil, err
		}
		if empty && exists(cfg.snapshot.path) {
			return cfg.with(importSnapshot(cfg.snapshot.path, cfg.dbPath, log))
		}
	case cfg.dump.path != "":
		if err := cfg.dump.check(cfg.dbPath, empty, fmt.Sprintf("dump doesn't exist at %q", cfg.dump.path)); err != nil {
			return nil, err
		}
		if empty && exists(cfg.dump.path) {
			return cfg.with(importDump(cfg.dump.path, cfg.dbPath, log))
		}
	}
	return cfg.with(openStore(cfg.dbPath, cfg.upgrade, log))
}

// with gives an opened store its directories. Like the real server, it makes the one for dumps at launch.
func (c config) with(db *store, err error) (*store, error) {
	if err != nil {
		return nil, err
	}
	db.dumpDir, db.snapshotDir = c.dumpDir, c.snapshotDir
	if err := os.MkdirAll(c.dumpDir, 0o755); err != nil {
		db.close()
		return nil, fmt.Errorf("the dump directory %q: %s", c.dumpDir, osText(err))
	}
	return db, nil
}

func (i imported) check(dbPath string, empty bool, missing string) error {
	switch {
	case !empty && !i.ignoreIfDB:
		if absolute, err := filepath.Abs(dbPath); err == nil {
			dbPath = absolute
		}
		if real, err := filepath.EvalSymlinks(dbPath); err == nil {
			dbPath = real
		}
		return fmt.Errorf("database already exists at %q, try to delete it or rename it", dbPath)
	case empty && !exists(i.path) && !i.ignoreMissing:
		return errors.New(missing)
	}
	return nil
}

// removeDB leaves nothing of a database whose import failed, as the real server does.
func removeDB(dir string) {
	if info, err := os.Lstat(dir); err == nil && info.IsDir() {
		_ = os.RemoveAll(dir) // the import's own error is the one to tell
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// isEmptyDB takes everything but a directory with something in it for empty, as the real server does.
func isEmptyDB(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err != nil || len(entries) == 0
}
