package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// written is what came of a task that writes a file: the name of a dump, or what went wrong.
type written struct {
	Name  string    `json:"name,omitempty"`
	Error *apiError `json:"error,omitempty"`
}

// queueFile serves the routes that queue a task of a kind that writes a file.
func (s *server) queueFile(kind string) handle {
	return func(*http.Request, access) (int, any, error) {
		done, err := s.db.enqueue(fileTask(kind))
		return http.StatusAccepted, done, err
	}
}

func fileTask(kind string) *task {
	t := &task{Type: kind}
	if kind == "dumpCreation" {
		t.Details = details{"dumpUid": nil}
	}
	return t
}

// schedule queues a snapshot after every interval, the first one after one interval.
func (db *store) schedule(stop context.Context, every time.Duration, log io.Writer) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		select {
		case <-stop.Done():
			return
		case <-ticks.C:
			if _, err := db.enqueue(fileTask("snapshotCreation")); err != nil {
				fmt.Fprintf(log, "Error while registering snapshot: %v\n", err)
			}
		}
	}
}

// writeFile writes the file of a dump or snapshot task, from one moment's state, while requests go on.
func (db *store) writeFile(t *task, started time.Time) *written {
	switch t.Type {
	case "dumpCreation":
		name := dumpName(started)
		db.mu.RLock()
		a := db.state.dump(t, started)
		db.mu.RUnlock()
		if err := a.writeTo(filepath.Join(db.dumpDir, name+".dump"), 0o644); err != nil {
			return &written{Error: osError(err)}
		}
		return &written{Name: name}
	case "snapshotCreation":
		db.mu.RLock()
		a := db.state.snapshot(t)
		db.mu.RUnlock()
		return &written{Error: db.putSnapshot(a)}
	}
	return nil
}

// snapshot is the database as it is, without the task that makes the snapshot, which would run again there.
func (st *state) snapshot(by *task) archive {
	copied := *st
	copied.Tasks = slices.DeleteFunc(slices.Clone(st.Tasks), func(t *task) bool { return t == by })
	return archive{versionFile: []byte(version), snapshotFile: []byte(toJSON(copied))}
}

// putSnapshot names the file after the database directory; each snapshot takes the place of the one before.
func (db *store) putSnapshot(a archive) *apiError {
	if err := os.MkdirAll(db.snapshotDir, 0o755); err != nil {
		return osError(err)
	}
	if err := a.writeTo(filepath.Join(db.snapshotDir, snapshotName(db.dir)), 0o444); err != nil {
		return fail("internal", "%s", osText(err)) // the real server wraps these until their number is lost: a full disk too
	}
	return nil
}

func snapshotName(dbPath string) string {
	name := filepath.Base(filepath.Clean(dbPath))
	if strings.Trim(name, "./") == "" {
		name = "data.ms"
	}
	return name + ".snapshot"
}

// importSnapshot unpacks a snapshot into an empty database directory. Only this version's own are taken: the documentation
// promises no more, and a real server's files mean nothing to the stand-in.
func importSnapshot(path, dbPath string, log io.Writer) (*store, error) {
	a, err := readArchive(path)
	if err != nil {
		return nil, err
	}
	if a[snapshotFile] == nil {
		return nil, fmt.Errorf("the snapshot at %q was not written by the lab's stand-in for MeiliSearch (a real server's, perhaps): the stand-in imports only its own", path)
	}
	if err := checkSnapshotVersion(strings.TrimSpace(string(a[versionFile]))); err != nil {
		return nil, err
	}
	err = os.MkdirAll(dbPath, 0o750)
	for _, name := range []string{snapshotFile, versionFile} {
		if err == nil {
			err = replaceFile(filepath.Join(dbPath, name), a[name])
		}
	}
	if err != nil {
		removeDB(dbPath)
		return nil, errors.New(osText(err))
	}
	return openStore(dbPath, upgradeFlags{}, log)
}

func checkSnapshotVersion(text string) error {
	found, err := parseVersion(text)
	if err != nil {
		return err
	}
	ours, err := parseVersion(version)
	if err != nil {
		return err
	}
	switch slices.Compare(found[:], ours[:]) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("Database version %s is higher than the Meilisearch version %s. Downgrade is not supported", text, version)
	}
	return fmt.Errorf("the snapshot is v%s's and this is v%s: the lab's stand-in for MeiliSearch imports snapshots of the same version only; "+
		"take the old version's database along with the upgrade switch, or a dump", text, version)
}
