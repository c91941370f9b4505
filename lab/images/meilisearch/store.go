package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// state is everything that survives a restart.
type state struct {
	Seq       uint64             `json:"seq"`
	Keys      map[string]*apiKey `json:"keys"`
	Indexes   map[string]*index  `json:"indexes"`
	Tasks     []*task            `json:"tasks"`
	NextBatch int                `json:"nextBatch"`
}

// event is one change of the state. Applying the same events in the same order always gives the same state.
type event struct {
	Seq     uint64    `json:"seq"`
	PutKeys []*apiKey `json:"putKeys,omitempty"`
	DropKey string    `json:"dropKey,omitempty"`
	Enqueue *task     `json:"enqueue,omitempty"`
	Done    *outcome  `json:"done,omitempty"`
}

// outcome says that a task ran; what it did follows from the state, so only the times are kept.
type outcome struct {
	Task     int       `json:"task"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Written is set for tasks that write a file: applying the event again does not write it again.
	Written *written `json:"written,omitempty"`
}

// store keeps the state in memory and on disk: a snapshot, and a journal of the events since, synced one by one.
type store struct {
	mu      sync.RWMutex
	state   *state
	dir     string
	lock    *os.File
	journal *os.File
	size    int64
	wake    chan struct{}
	// dumpDir and snapshotDir are where the tasks of these names write.
	dumpDir, snapshotDir string
	done                 sync.WaitGroup
}

const (
	snapshotFile = "stand-in.snapshot.json"
	journalFile  = "stand-in.journal.jsonl"
	lockFile     = "stand-in.lock"
	// compactAbove bounds the journal, in bytes: beyond it a new snapshot is written.
	compactAbove = 64 << 20
)

func emptyState() *state { return &state{Keys: map[string]*apiKey{}, Indexes: map[string]*index{}} }

func openStore(dir string, upgrade upgradeFlags, log io.Writer) (*store, error) {
	return openStoreWith(emptyState(), dir, upgrade, log)
}

// openStoreWith starts a new database from a state; one that exists has its own.
func openStoreWith(initial *state, dir string, upgrade upgradeFlags, log io.Writer) (*store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	previous, err := checkVersion(dir, upgrade, log)
	if err != nil {
		return nil, err
	}
	db := &store{dir: dir, wake: make(chan struct{}, 1), state: initial}
	if db.lock, err = os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o640); err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(db.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, fmt.Errorf("another server has the database at %s open: %w", dir, err)
	}
	if err := db.load(log); err != nil {
		return nil, err
	}
	if err := db.compact(); err != nil {
		return nil, err
	}
	if err := replaceFile(filepath.Join(dir, versionFile), []byte(version)); err != nil {
		return nil, err
	}
	return db, db.firstEvents(previous)
}

// firstEvents makes the default keys of a first launch, and the task that records an upgrade.
func (db *store) firstEvents(previous string) error {
	if len(db.state.Keys) == 0 {
		keys := defaultKeys(time.Now().UTC())
		if err := db.commit(func(*state) (*event, error) { return &event{PutKeys: keys}, nil }); err != nil {
			return err
		}
	}
	if previous == "" {
		return nil
	}
	_, err := db.enqueue(&task{Type: "upgradeDatabase", Details: details{"upgradeFrom": "v" + previous, "upgradeTo": "v" + version}})
	return err
}

// commit runs decide under the lock and makes its event durable before anybody can see it.
func (db *store) commit(decide func(*state) (*event, error)) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	e, err := decide(db.state)
	if err != nil {
		return err
	}
	return db.write(e, func() { db.state.apply(e) })
}

func (db *store) close() {
	db.done.Wait()
	_ = db.journal.Close()
	_ = db.lock.Close()
}
