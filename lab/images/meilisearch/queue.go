package main

import (
	"context"
	"fmt"
	"time"
)

// start runs the queue in order until stop; close waits for the task at hand.
func (db *store) start(stop context.Context) {
	db.done.Add(1)
	go db.work(stop)
}

func (db *store) work(stop context.Context) {
	defer db.done.Done()
	for {
		for stop.Err() == nil && db.next() {
		}
		select {
		case <-stop.Done():
			return
		case <-db.wake:
		}
	}
}

// next runs the oldest queued task, and says whether there was one.
func (db *store) next() bool {
	db.mu.Lock()
	t := db.state.oldestQueued()
	if t == nil {
		db.mu.Unlock()
		return false
	}
	done := &outcome{Task: t.UID, Started: time.Now().UTC()}
	t.Status, t.StartedAt = "processing", &done.Started
	db.mu.Unlock()

	done.Written = db.writeFile(t, done.Started)
	// The change itself is made under the lock, so that nobody reads it before it is on disk.
	db.mu.Lock()
	defer db.mu.Unlock()
	db.state.run(t, done)
	done.Finished = time.Now().UTC()
	t.finish(done)
	if err := db.write(&event{Done: done}, func() { db.state.Seq++ }); err != nil {
		panic(fmt.Sprintf("a finished task cannot be recorded, and would run again after a restart: %v", err))
	}
	return true
}

func (st *state) oldestQueued() *task {
	for i := len(st.Tasks) - 1; i >= 0; i-- {
		if s := st.Tasks[i].Status; s != "enqueued" && s != "processing" {
			if i+1 < len(st.Tasks) {
				return st.Tasks[i+1]
			}
			return nil
		}
	}
	if len(st.Tasks) > 0 {
		return st.Tasks[0]
	}
	return nil
}
