package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// dumpVersion is none of the real server's, so that no real server takes a stand-in's dump for one of its own.
const dumpVersion = "LabStandIn1"

type dumpMetadata struct {
	DumpVersion string    `json:"dumpVersion"`
	DBVersion   string    `json:"dbVersion"`
	DumpDate    time.Time `json:"dumpDate"`
	Comment     string    `json:"comment"`
}

// dumpedIndex is an index without its settings and documents, which have files of their own.
type dumpedIndex struct {
	UID        string    `json:"uid"`
	PrimaryKey *string   `json:"primaryKey"`
	CreatedAt  time.Time `json:"createdAt"`
	UpdatedAt  time.Time `json:"updatedAt"`
	Attributes []string  `json:"attributes"`
}

// dumpName is the uid of a dump: the moment at which its task started.
func dumpName(started time.Time) string {
	return strings.Replace(started.UTC().Format("20060102-150405.000"), ".", "", 1)
}

// dump gathers everything but API keys' values, which are derived. The task that dumps counts as done in its own dump.
func (st *state) dump(by *task, now time.Time) archive {
	a := archive{"metadata.json": []byte(toJSON(dumpMetadata{dumpVersion, version, now, "Written by the lab's stand-in for MeiliSearch, which is not MeiliSearch."}))}
	keys := slices.SortedFunc(maps.Values(st.Keys), func(x, y *apiKey) int { return x.CreatedAt.Compare(y.CreatedAt) })
	a["keys.jsonl"] = lines(keys)
	tasks := slices.Clone(st.Tasks)
	for i, t := range tasks {
		if t == by {
			done := *t
			done.Status, done.FinishedAt = "succeeded", &now
			tasks[i] = &done
		}
	}
	a["tasks.jsonl"] = lines(tasks)
	for uid, ix := range st.Indexes {
		a["indexes/"+uid+"/metadata.json"] = []byte(toJSON(dumpedIndex{uid, ix.PrimaryKey, ix.CreatedAt, ix.UpdatedAt, ix.Attributes}))
		a["indexes/"+uid+"/settings.json"] = []byte(toJSON(ix.Settings))
		a["indexes/"+uid+"/documents.jsonl"] = lines(ix.Documents)
	}
	return a
}

func lines[T any](list []T) []byte {
	var out bytes.Buffer
	for _, item := range list {
		out.WriteString(toJSON(item) + "\n")
	}
	return out.Bytes()
}

func readLines[T any](data []byte) (list []T, err error) {
	for _, line := range bytes.Split(data, []byte("\n")) {
		var item T
		if len(line) == 0 {
			continue
		}
		if err := decode(line, &item); err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}

// importDump fills a new database from a dump of any version of the stand-in.
func importDump(path, dbPath string, log io.Writer) (*store, error) {
	gathered, err := os.MkdirTemp("", ".tmp") // where the real server unpacks it
	if err != nil {
		return nil, fmt.Errorf("%s at path %q", osText(err), os.TempDir())
	}
	defer os.RemoveAll(gathered)
	a, err := readArchive(path)
	if err != nil {
		return nil, err
	}
	var metadata dumpMetadata
	if json.Unmarshal(a["metadata.json"], &metadata) != nil || metadata.DumpVersion != dumpVersion {
		return nil, fmt.Errorf("the dump at %q was not written by the lab's stand-in for MeiliSearch (its metadata.json: %.200q): the stand-in imports only its own dumps; "+
			"import it with the real server", path, a["metadata.json"])
	}
	st, err := a.state()
	if err != nil {
		return nil, fmt.Errorf("the dump at %q is damaged: %w", path, err)
	}
	fmt.Fprintf(log, "importing a dump that v%s wrote at %s\n", metadata.DBVersion, metadata.DumpDate.Format(time.RFC3339))
	db, err := openStoreWith(st, dbPath, upgradeFlags{}, log)
	if err != nil {
		removeDB(dbPath)
	}
	return db, err
}

func (a archive) state() (*state, error) {
	st := emptyState()
	st.Seq = 1 // not a first launch
	keys, err := readLines[*apiKey](a["keys.jsonl"])
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		st.Keys[key.UID] = key
	}
	if st.Tasks, err = readLines[*task](a["tasks.jsonl"]); err != nil {
		return nil, err
	}
	for _, t := range st.Tasks {
		if t.BatchUID != nil {
			st.NextBatch = max(st.NextBatch, *t.BatchUID+1)
		}
	}
	for name, data := range a {
		dir, file := filepath.Split(name)
		if file != "metadata.json" || dir == "" {
			continue
		}
		var m dumpedIndex
		ix := &index{Settings: defaultSettings()}
		if err := decode(data, &m); err != nil {
			return nil, err
		}
		if err := decode(a[dir+"settings.json"], &ix.Settings); err != nil {
			return nil, err
		}
		if ix.Documents, err = readLines[*document](a[dir+"documents.jsonl"]); err != nil {
			return nil, err
		}
		ix.UID, ix.PrimaryKey, ix.CreatedAt, ix.UpdatedAt, ix.Attributes = m.UID, m.PrimaryKey, m.CreatedAt, m.UpdatedAt, m.Attributes
		st.Indexes[ix.UID] = ix
	}
	return st, nil
}
