package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// taskView leaves out what only the stand-in's store needs, and adds the duration.
type taskView struct {
	UID        int        `json:"uid"`
	BatchUID   *int       `json:"batchUid"`
	IndexUID   *string    `json:"indexUid"`
	Status     string     `json:"status"`
	Type       string     `json:"type"`
	CanceledBy *int       `json:"canceledBy"`
	Details    details    `json:"details,omitempty"`
	Error      *apiError  `json:"error"`
	Duration   *string    `json:"duration"`
	EnqueuedAt time.Time  `json:"enqueuedAt"`
	StartedAt  *time.Time `json:"startedAt"`
	FinishedAt *time.Time `json:"finishedAt"`
}

func (t *task) view() taskView {
	v := taskView{t.UID, t.BatchUID, t.IndexUID, t.Status, t.Type, nil, maps.Clone(t.Details), t.Error, nil, t.EnqueuedAt, t.StartedAt, t.FinishedAt}
	if t.StartedAt != nil && t.FinishedAt != nil {
		text := fmt.Sprintf("PT%.6fS", t.FinishedAt.Sub(*t.StartedAt).Seconds())
		v.Duration = &text
	}
	return v
}

func (a access) sees(t *task) bool {
	if t.IndexUID == nil {
		return slices.Contains(a.indexes, "*")
	}
	return a.allows(*t.IndexUID)
}

var (
	taskStatuses = []string{"enqueued", "processing", "succeeded", "failed", "canceled"}
	taskTypes    = strings.Fields(`documentAdditionOrUpdate documentEdition documentDeletion settingsUpdate indexCreation indexDeletion indexUpdate
indexSwap taskCancelation taskDeletion dumpCreation snapshotCreation export upgradeDatabase indexCompaction networkTopologyChange dsrUpdate dsrClear`)
)

// taskFilter is what the query string of GET /tasks selects; an empty list selects all.
type taskFilter struct{ uids, statuses, types, indexes []string }

func readTaskFilter(q query) (f taskFilter, err error) {
	f = taskFilter{q.list("uids"), q.list("statuses"), q.list("types"), q.list("indexUids")}
	for _, uid := range f.uids {
		if _, err := strconv.ParseUint(uid, 10, 32); err != nil {
			return f, fail("invalid_task_uids", "Invalid value in parameter `uids`: could not parse `%s` as a positive integer", uid)
		}
	}
	for _, known := range []struct {
		param, what string
		given, all  []string
	}{{"statuses", "status", f.statuses, taskStatuses}, {"types", "type", f.types, taskTypes}} {
		for _, value := range known.given {
			if !slices.Contains(known.all, value) {
				return f, fail("invalid_task_"+known.param, "Invalid value in parameter `%s`: `%s` is not a valid task %s. Available %s are %s.",
					known.param, value, known.what, known.param, quoted(known.all))
			}
		}
	}
	for _, uid := range f.indexes {
		if !indexUID.MatchString(uid) {
			return f, fail("invalid_index_uid", "Invalid value in parameter `indexUids`: `%s` %s", uid, indexUIDRule)
		}
	}
	return f, nil
}

func (f taskFilter) selects(t *task) bool {
	in := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	uid := ""
	if t.IndexUID != nil {
		uid = *t.IndexUID
	}
	return in(f.uids, strconv.Itoa(t.UID)) && in(f.statuses, t.Status) && in(f.types, t.Type) && in(f.indexes, uid)
}

func (s *server) listTasks(r *http.Request, caller access) (int, any, error) {
	q, err := readQuery(r, []string{"limit", "from", "uids", "types", "statuses", "indexUids"}, []string{"reverse", "batchUids", "canceledBy",
		"afterEnqueuedAt", "beforeEnqueuedAt", "afterStartedAt", "beforeStartedAt", "afterFinishedAt", "beforeFinishedAt"})
	if err != nil {
		return 0, nil, err
	}
	limit, err := q.uint("limit", "invalid_task_limit", 20)
	if err != nil {
		return 0, nil, err
	}
	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	from, err := q.uint("from", "invalid_task_from", s.db.state.nextTask())
	if err != nil {
		return 0, nil, err
	}
	filter, err := readTaskFilter(q)
	if err != nil {
		return 0, nil, err
	}
	list := struct {
		Results []taskView `json:"results"`
		Total   int        `json:"total"`
		Limit   int        `json:"limit"`
		From    *int       `json:"from"`
		Next    *int       `json:"next"`
	}{Results: []taskView{}, Limit: limit}
	for _, t := range slices.Backward(s.db.state.Tasks) {
		if !caller.sees(t) || !filter.selects(t) {
			continue
		}
		list.Total++
		switch {
		case t.UID > from:
		case len(list.Results) < limit:
			list.Results = append(list.Results, t.view())
		case list.Next == nil:
			list.Next = &t.UID
		}
	}
	if len(list.Results) > 0 {
		list.From = &list.Results[0].UID
	}
	return http.StatusOK, list, nil
}

func (s *server) getTask(r *http.Request, caller access) (int, any, error) {
	uid, err := strconv.ParseUint(r.PathValue("task"), 10, 32)
	if err != nil {
		return 0, nil, fail("invalid_task_uids", "Task uid `%s` is invalid. It should only contain numeric characters.", r.PathValue("task"))
	}
	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	t := s.db.state.task(int(uid))
	if t == nil || !caller.sees(t) {
		return 0, nil, fail("task_not_found", "Task `%d` not found.", uid)
	}
	return http.StatusOK, t.view(), nil
}
