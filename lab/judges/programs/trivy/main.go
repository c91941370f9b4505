// Judges Kubernetes objects with Trivy's own scanner and the checks that it carries. Trivy's command would bring its
// image, licence and cloud scanners along: five times the time to build, for the same answer.
//
//	trivy DIRECTORY
//
// Prints one JSON object: how many results there were, passed or not, and those that failed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/aquasecurity/trivy/pkg/iac/rego"
	"github.com/aquasecurity/trivy/pkg/iac/scan"
	"github.com/aquasecurity/trivy/pkg/iac/scanners/kubernetes"
)

type failure struct {
	File     string `json:"file"`
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

type report struct {
	Results  int       `json:"results"`
	Failures []failure `json:"failures"`
}

func main() {
	if len(os.Args) != 2 {
		fail(errors.New("usage: trivy DIRECTORY"))
	}
	scanner := kubernetes.NewScanner(rego.WithEmbeddedPolicies(true), rego.WithEmbeddedLibraries(true))
	results, err := scanner.ScanFS(context.Background(), os.DirFS(os.Args[1]), ".")
	fail(err)
	answer := report{Results: len(results), Failures: []failure{}}
	for _, result := range results {
		if result.Status() == scan.StatusFailed {
			answer.Failures = append(answer.Failures, failure{
				result.Metadata().Range().GetFilename(),
				result.Rule().ID,
				string(result.Severity()),
				result.Description(),
			})
		}
	}
	fail(json.NewEncoder(os.Stdout).Encode(answer))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
