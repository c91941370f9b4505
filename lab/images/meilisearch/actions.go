package main

import (
	"slices"
	"strings"
)

// knownActions are the actions that the real server takes in a key, in the order of its error message.
var knownActions = strings.Fields(`* search documents.* documents.add documents.get documents.delete indexes.* indexes.create
indexes.get indexes.update indexes.delete indexes.swap tasks.* tasks.cancel tasks.delete tasks.get settings.* settings.get
settings.update stats.* stats.get metrics.* metrics.get dumps.* dumps.create snapshots.* snapshots.create version keys.create
keys.get keys.update keys.delete experimental.get experimental.update export network.get network.update chatCompletions chats.*
chats.get chats.delete chatsSettings.* chatsSettings.get chatsSettings.update *.get webhooks.get webhooks.update webhooks.delete
webhooks.create webhooks.* indexes.compact fields.post tasks.compact dynamicSearchRules.get dynamicSearchRules.create
dynamicSearchRules.update dynamicSearchRules.delete dynamicSearchRules.*`)

// indexScoped are the actions that a key limited to some indexes may carry.
var indexScoped = strings.Fields(`* *.get search documents.* documents.add documents.get documents.delete indexes.* indexes.create
indexes.get indexes.update indexes.delete indexes.swap indexes.compact fields.post tasks.* tasks.cancel tasks.delete tasks.get
settings.* settings.get settings.update stats.* stats.get chatCompletions`)

// filteredByRoute are the actions of routes without an index in their path that show a limited key only its own indexes.
var filteredByRoute = []string{"search", "indexes.create", "indexes.get", "tasks.get", "stats.get"}

// grants says whether an action in a key covers the action that a route needs.
func grants(held, needed string) bool {
	switch held {
	case needed, "*":
		return true
	case "*.get":
		// keys.get is left out so that a read-only key cannot read stronger keys; default keys name it on purpose.
		reads := strings.HasSuffix(needed, ".get") && needed != "keys.get"
		return reads || slices.Contains([]string{"search", "version", "export", "fields.post"}, needed)
	}
	family, wild := strings.CutSuffix(held, ".*")
	return wild && strings.HasPrefix(needed, family+".")
}

// matches says whether an index uid pattern ("products", "products_*", "*") covers a uid.
func matches(pattern, uid string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return pattern == uid || wild && strings.HasPrefix(uid, prefix)
}
