package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const versionFile = "VERSION"

const updateGuide = "To update Meilisearch please follow our guide on https://www.meilisearch.com/docs/learn/update_and_migration/updating."

// checkVersion refuses directories that this version may not open. It answers the version to upgrade from, if any.
func checkVersion(dir string, flags upgradeFlags, log io.Writer) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		return "", err
	}
	data, err := os.ReadFile(filepath.Join(dir, versionFile))
	text := strings.TrimSpace(string(data))
	if errors.Is(err, os.ErrNotExist) && unfinishedFirstLaunch(dir, entries) {
		return "", nil
	}
	if errors.Is(err, os.ErrNotExist) || err == nil && text == "" {
		return "", fmt.Errorf("Meilisearch (v%s) failed to infer the version of the database. %s", version, updateGuide)
	}
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, snapshotFile)); err != nil {
		return "", fmt.Errorf("the database at %s was not written by the lab's stand-in (a real MeiliSearch server's, perhaps): the stand-in leaves it alone", dir)
	}
	found, err := parseVersion(text)
	if err != nil {
		return "", err
	}
	ours, err := parseVersion(version)
	if err != nil {
		return "", err
	}
	if found == ours {
		return "", nil
	}
	name, set, ignored := "MEILI_EXPERIMENTAL_DUMPLESS_UPGRADE", flags.dumpless, flags.upgradeDB
	hint, too := "", "for the experimental dumpless upgrade feature"
	if ours[0] > 1 || ours[1] > 50 {
		name, set, ignored = "MEILI_UPGRADE_DB", flags.upgradeDB, flags.dumpless
		hint = "\nAlternatively, you can set the `--upgrade-db` flag (or the `MEILI_UPGRADE_DB` environment variable) to upgrade the database on startup."
		too = "to be upgraded via `--upgrade-db`"
	}
	if ignored {
		fmt.Fprintf(log, "warning: v%s reads %s only; the other name of this switch is ignored, as the real server ignores it\n", version, name)
	}
	switch {
	case !set: // another patch is enough to need the switch, and so is a later version
		return "", fmt.Errorf("Your database version (%s) is incompatible with your current engine version (%s).\n"+
			"To migrate data between Meilisearch versions, please follow our guide on https://www.meilisearch.com/docs/learn/update_and_migration/updating.%s", text, version, hint)
	case slices.Compare(found[:], ours[:]) > 0:
		return "", fmt.Errorf("Database version %s is higher than the Meilisearch version %s. Downgrade is not supported", text, version)
	case found[0] < 1 || found[0] == ours[0] && found[1] < 12:
		return "", fmt.Errorf("Database version %s is too old %s. Please generate a dump using the v%s and import it in the v%s", text, too, text, version)
	}
	return text, nil
}

// unfinishedFirstLaunch says that a first launch was killed before it wrote VERSION: there is nothing to lose.
func unfinishedFirstLaunch(dir string, entries []os.DirEntry) bool {
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "stand-in.") && !strings.HasPrefix(entry.Name(), ".new-") {
			return false
		}
	}
	if info, err := os.Stat(filepath.Join(dir, journalFile)); err == nil && info.Size() > 0 {
		return false
	}
	data, err := os.ReadFile(filepath.Join(dir, snapshotFile))
	var empty state
	return errors.Is(err, os.ErrNotExist) || err == nil && decode(data, &empty) == nil && empty.Seq == 0
}

func parseVersion(text string) (parts [3]int, err error) {
	fields := strings.Split(text, ".")
	if len(fields) != 3 {
		return parts, fmt.Errorf("Version file is corrupted and thus Meilisearch is unable to determine the version of the database. "+
			"The version contains %d parts instead of 3 (major, minor and patch)", len(fields))
	}
	for i, field := range fields {
		if parts[i], err = strconv.Atoi(field); err != nil {
			return parts, fmt.Errorf("Version file is corrupted and thus Meilisearch is unable to determine the version of the database. %w", err)
		}
	}
	return parts, nil
}
