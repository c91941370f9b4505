package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

type details map[string]any

// task is a queued change. Payload is what it needs to run, and is dropped once it has.
type task struct {
	UID        int             `json:"uid"`
	BatchUID   *int            `json:"batchUid"`
	IndexUID   *string         `json:"indexUid"`
	Status     string          `json:"status"`
	Type       string          `json:"type"`
	Details    details         `json:"details"`
	Error      *apiError       `json:"error"`
	EnqueuedAt time.Time       `json:"enqueuedAt"`
	StartedAt  *time.Time      `json:"startedAt"`
	FinishedAt *time.Time      `json:"finishedAt"`
	Payload    json.RawMessage `json:"payload,omitempty"`
	MayCreate  bool            `json:"mayCreate,omitempty"`
}

// summary is what a route answers when it has queued a task.
type summary struct {
	TaskUID    int       `json:"taskUid"`
	IndexUID   *string   `json:"indexUid"`
	Status     string    `json:"status"`
	Type       string    `json:"type"`
	EnqueuedAt time.Time `json:"enqueuedAt"`
}

func (db *store) enqueue(t *task) (summary, error) {
	err := db.commit(func(st *state) (*event, error) {
		t.UID, t.Status, t.EnqueuedAt = st.nextTask(), "enqueued", time.Now().UTC()
		return &event{Enqueue: t}, nil
	})
	select {
	case db.wake <- struct{}{}:
	default:
	}
	return summary{t.UID, t.IndexUID, "enqueued", t.Type, t.EnqueuedAt}, err
}

// apply is the only place that changes the state.
func (st *state) apply(e *event) {
	st.Seq = e.Seq
	switch {
	case e.PutKeys != nil:
		for _, key := range e.PutKeys {
			st.Keys[key.UID] = key
		}
	case e.DropKey != "":
		delete(st.Keys, e.DropKey)
	case e.Enqueue != nil:
		st.Tasks = append(st.Tasks, e.Enqueue)
	case e.Done != nil:
		t := st.task(e.Done.Task)
		st.run(t, e.Done)
		t.finish(e.Done)
	}
}

func (t *task) finish(o *outcome) { t.StartedAt, t.FinishedAt = &o.Started, &o.Finished }

// task finds a task by its uid. A database that comes from a snapshot lacks the task that made the snapshot.
func (st *state) task(uid int) *task {
	i, found := slices.BinarySearchFunc(st.Tasks, uid, func(t *task, uid int) int { return t.UID - uid })
	if !found {
		return nil
	}
	return st.Tasks[i]
}

func (st *state) nextTask() int {
	if len(st.Tasks) == 0 {
		return 0
	}
	return st.Tasks[len(st.Tasks)-1].UID + 1
}

// run carries a task out; the time at which it started is the one that the index remembers.
func (st *state) run(t *task, done *outcome) {
	batch := st.NextBatch
	st.NextBatch++
	err := st.execute(t, done)
	t.BatchUID, t.Status, t.Payload = &batch, "succeeded", nil
	if err != nil {
		t.Status, t.Error = "failed", asAPIError(err)
		for name, value := range t.Details {
			if value == nil && (name == "indexedDocuments" || name == "deletedDocuments") {
				t.Details[name] = 0
			}
		}
	}
}

func (st *state) execute(t *task, done *outcome) error {
	now := done.Started
	switch t.Type {
	case "dumpCreation", "snapshotCreation":
		if done.Written.Error != nil {
			return done.Written.Error
		}
		if t.Type == "dumpCreation" {
			t.Details["dumpUid"] = done.Written.Name
		}
		return nil
	case "indexCreation":
		return st.createIndex(t, now)
	case "indexUpdate":
		return st.updateIndex(t, now)
	case "indexDeletion":
		return st.deleteIndex(t)
	case "settingsUpdate":
		return st.updateSettings(t, now)
	case "documentAdditionOrUpdate":
		return st.addDocuments(t, now)
	case "documentDeletion":
		return st.deleteDocuments(t, now)
	case "upgradeDatabase":
		return nil
	}
	return fmt.Errorf("unknown task type %q", t.Type)
}
