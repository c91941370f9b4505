module nself.lab/meilisearch-standin

go 1.24
