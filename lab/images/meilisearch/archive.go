package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// archive is the content of a dump or a snapshot: a gzip'd tar, of these files.
type archive map[string][]byte

// createTemp makes the file that becomes a dump or a snapshot; tests put a full disk in its place.
var createTemp = os.CreateTemp

// writeTo makes the archive beside its place and moves it there whole. It needs room in the system's temporary directory
// too: the real server gathers the files there before it packs them.
func (a archive) writeTo(path string, mode os.FileMode) error {
	gathered, err := a.gather()
	if err != nil {
		return err
	}
	defer os.RemoveAll(gathered)
	file, err := createTemp(filepath.Dir(path), ".tmp*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	packed := gzip.NewWriter(file)
	out := tar.NewWriter(packed)
	for _, name := range sortedKeys(a) {
		if err == nil {
			err = out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(a[name])), ModTime: time.Now()})
		}
		if err == nil {
			_, err = out.Write(a[name])
		}
	}
	for _, step := range []func() error{out.Close, packed.Close, func() error { return file.Chmod(mode) }, file.Sync} {
		if err == nil {
			err = step()
		}
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}

func (a archive) gather() (dir string, err error) {
	if dir, err = os.MkdirTemp("", ".tmp"); err != nil {
		return "", err
	}
	for name, data := range a {
		path := filepath.Join(dir, name)
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			_ = os.RemoveAll(dir)
			return "", err
		}
	}
	return dir, nil
}

func readArchive(path string) (archive, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.New(osText(err))
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("invalid gzip header")
	}
	if err != nil {
		return nil, errors.New(osText(err))
	}
	a, in := archive{}, tar.NewReader(packed)
	for {
		header, err := in.Next()
		if err == io.EOF {
			return a, nil
		}
		if err != nil {
			return nil, fmt.Errorf("failed to read entire block: %w", err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("failed to read entire block: %w", err)
		}
		a[strings.TrimPrefix(header.Name, "./")] = data
	}
}

// osText words an error of the operating system as the real server does: "No space left on device (os error 28)".
func osText(err error) string {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return err.Error()
	}
	text := number.Error()
	return fmt.Sprintf("%s%s (os error %d)", strings.ToUpper(text[:1]), text[1:], int(number))
}

// osError is what fails a task that could not write, with the code that the real server derives from the error's number.
func osError(err error) *apiError {
	code := "internal"
	switch {
	case errors.Is(err, syscall.EIO):
		return fail("io_error", "%s. This error generally happens when you have no space left on device or when your database doesn't have read or write right.", osText(err))
	case errors.Is(err, syscall.EMFILE):
		code = "too_many_open_files"
	case errors.Is(err, syscall.ENOSPC):
		code = "no_space_left_on_device"
	}
	return fail(code, "%s", osText(err))
}
