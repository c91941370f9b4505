package main

import (
	"net/http"
	"time"
)

type indexStats struct {
	NumberOfDocuments         int            `json:"numberOfDocuments"`
	RawDocumentDBSize         int            `json:"rawDocumentDbSize"`
	AvgDocumentSize           int            `json:"avgDocumentSize"`
	IsIndexing                bool           `json:"isIndexing"`
	NumberOfEmbeddings        int            `json:"numberOfEmbeddings"`
	NumberOfEmbeddedDocuments int            `json:"numberOfEmbeddedDocuments"`
	FieldDistribution         map[string]int `json:"fieldDistribution"`
}

func (st *state) statsOf(ix *index) indexStats {
	stats := indexStats{NumberOfDocuments: len(ix.Documents), FieldDistribution: map[string]int{}}
	for _, d := range ix.Documents {
		stats.RawDocumentDBSize += len(toJSON(d.Fields))
		if count := ix.countVectors(d); count > 0 {
			stats.NumberOfEmbeddings += count
			stats.NumberOfEmbeddedDocuments++
		}
		for name := range d.Fields {
			stats.FieldDistribution[name]++
		}
	}
	if len(ix.Documents) > 0 {
		stats.AvgDocumentSize = stats.RawDocumentDBSize / len(ix.Documents)
	}
	for _, t := range st.Tasks {
		stats.IsIndexing = stats.IsIndexing || t.Status == "processing" && t.IndexUID != nil && *t.IndexUID == ix.UID
	}
	return stats
}

func (s *server) getIndexStats(r *http.Request, _ access) (int, any, error) {
	if _, err := readQuery(r, nil, []string{"showInternalDatabaseSizes", "sizeFormat"}); err != nil {
		return 0, nil, err
	}
	return s.withIndex(r, func(ix *index) (any, error) { return s.db.state.statsOf(ix), nil })
}

func (s *server) getStats(r *http.Request, caller access) (int, any, error) {
	if _, err := readQuery(r, nil, []string{"showInternalDatabaseSizes", "sizeFormat"}); err != nil {
		return 0, nil, err
	}
	s.db.mu.RLock()
	defer s.db.mu.RUnlock()
	stats := struct {
		DatabaseSize     int64                 `json:"databaseSize"`
		UsedDatabaseSize int64                 `json:"usedDatabaseSize"`
		LastUpdate       *time.Time            `json:"lastUpdate"`
		Indexes          map[string]indexStats `json:"indexes"`
	}{Indexes: map[string]indexStats{}}
	for uid, ix := range s.db.state.Indexes {
		if !caller.allows(uid) {
			continue
		}
		stats.Indexes[uid] = s.db.state.statsOf(ix)
		if stats.LastUpdate == nil || ix.UpdatedAt.After(*stats.LastUpdate) {
			at := ix.UpdatedAt
			stats.LastUpdate = &at
		}
	}
	stats.DatabaseSize = s.db.diskSize()
	stats.UsedDatabaseSize = stats.DatabaseSize
	return http.StatusOK, stats, nil
}
