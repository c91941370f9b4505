package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

func (db *store) load(log io.Writer) error {
	data, err := os.ReadFile(filepath.Join(db.dir, snapshotFile))
	if err == nil {
		err = decode(data, db.state)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the stand-in's snapshot cannot be read: %w", err)
	}
	for _, ix := range db.state.Indexes {
		ix.restore()
	}
	db.journal, err = os.OpenFile(filepath.Join(db.dir, journalFile), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return err
	}
	reader := bufio.NewReaderSize(db.journal, 1<<20)
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF {
			if len(line) > 0 {
				fmt.Fprintf(log, "the last change was cut short by a stop and is dropped: it was never acknowledged\n")
			}
			return nil
		}
		var e event
		if err == nil {
			err = json.Unmarshal(line, &e)
		}
		if err != nil {
			return fmt.Errorf("the stand-in's journal is damaged at byte %d: %w", db.size, err)
		}
		if e.Seq > db.state.Seq {
			db.state.apply(&e)
		}
		db.size += int64(len(line))
	}
}

func (db *store) write(e *event, apply func()) error {
	e.Seq = db.state.Seq + 1
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	_, err = db.journal.WriteAt(line, db.size)
	if err == nil {
		err = db.journal.Sync()
	}
	if err != nil {
		_ = db.journal.Truncate(db.size) // what is left would be cut at the next start
		if errors.Is(err, syscall.ENOSPC) {
			return fail("no_space_left_on_device", "%v. This error generally happens when you have no space left on device.", err)
		}
		return fail("io_error", "%v. This error generally happens when you have no space left on device or when your database doesn't have read or write right.", err)
	}
	db.size += int64(len(line))
	apply()
	if db.size > compactAbove {
		return db.compact()
	}
	return nil
}

// compact writes the whole state beside the old one, swaps it in, and only then empties the journal.
func (db *store) compact() error {
	var data bytes.Buffer
	if err := json.NewEncoder(&data).Encode(db.state); err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(db.dir, snapshotFile), data.Bytes()); err != nil {
		return err
	}
	db.size = 0
	if err := db.journal.Truncate(0); err != nil {
		return err
	}
	return db.journal.Sync()
}

// replaceFile swaps a file's content in one step that survives a crash at any moment.
func replaceFile(path string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(data)
	if err == nil {
		err = temporary.Sync()
	}
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return err
	}
	parent, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer parent.Close()
	return parent.Sync()
}

// diskSize is what the database takes on disk, in bytes.
func (db *store) diskSize() int64 {
	size := db.size
	if info, err := os.Stat(filepath.Join(db.dir, snapshotFile)); err == nil {
		size += info.Size()
	}
	return size
}
