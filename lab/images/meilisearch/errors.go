package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// apiError is an error as MeiliSearch sends it: https://www.meilisearch.com/docs/reference/errors/overview
type apiError struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Type    string `json:"type"`
	Link    string `json:"link"`
	status  int
}

func (e *apiError) Error() string { return e.Message }

// kinds holds the codes that are not a plain 400 invalid_request.
var kinds = map[string]struct {
	status int
	kind   string
}{
	"api_key_already_exists":       {http.StatusConflict, "invalid_request"},
	"api_key_not_found":            {http.StatusNotFound, "invalid_request"},
	"document_not_found":           {http.StatusNotFound, "invalid_request"},
	"index_already_exists":         {http.StatusConflict, "invalid_request"},
	"index_not_found":              {http.StatusNotFound, "invalid_request"},
	"task_not_found":               {http.StatusNotFound, "invalid_request"},
	"invalid_api_key":              {http.StatusForbidden, "auth"},
	"missing_authorization_header": {http.StatusUnauthorized, "auth"},
	"missing_master_key":           {http.StatusUnauthorized, "auth"},
	"invalid_content_type":         {http.StatusUnsupportedMediaType, "invalid_request"},
	"missing_content_type":         {http.StatusUnsupportedMediaType, "invalid_request"},
	"payload_too_large":            {http.StatusRequestEntityTooLarge, "invalid_request"},
	"io_error":                     {http.StatusUnprocessableEntity, "system"},
	"no_space_left_on_device":      {http.StatusUnprocessableEntity, "system"},
	"too_many_open_files":          {http.StatusUnprocessableEntity, "system"},
	"internal":                     {http.StatusInternalServerError, "internal"},
}

func fail(code, format string, args ...any) *apiError {
	status, kind := http.StatusBadRequest, "invalid_request"
	if k, ok := kinds[code]; ok {
		status, kind = k.status, k.kind
	}
	return &apiError{fmt.Sprintf(format, args...), code, kind, "https://docs.meilisearch.com/errors#" + code, status}
}

// refuse is the answer to everything that the real server does and the stand-in does not.
func refuse(what string, args ...any) *apiError {
	return &apiError{
		Message: fmt.Sprintf("Not answered: this is the lab's stand-in for MeiliSearch; %s is not implemented", fmt.Sprintf(what, args...)),
		Code:    "stand_in_not_implemented", Type: "stand_in", status: http.StatusNotImplemented,
	}
}

func asAPIError(err error) *apiError {
	var known *apiError
	if errors.As(err, &known) {
		return known
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fail("payload_too_large", "The provided payload reached the size limit. The maximum accepted payload size is %d MiB.", tooLarge.Limit>>20)
	}
	return fail("internal", "An internal error has occurred. `%v`.", err)
}

func indexNotFound(uid string) *apiError {
	return fail("index_not_found", "Index `%s` not found.", uid)
}

// within prefixes an error with the index it is about, as the real server does.
func (e *apiError) within(uid string) *apiError {
	copied := *e
	copied.Message = fmt.Sprintf("Index `%s`: %s", uid, e.Message)
	return &copied
}

func quoted(names []string) string {
	names = slices.Clone(names)
	for i, name := range names {
		names[i] = "`" + name + "`"
	}
	return strings.Join(names, ", ")
}
