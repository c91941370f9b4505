// Judges what makes pods with Kubernetes' own Pod Security evaluator, at the level "restricted": what the API server
// does with a pod in a namespace with that label, without the server.
//
//	podsecurity VERSION FILE...
//
// Prints one JSON object: how many pod specs were judged, and every check that one did not pass.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// object is as much of any object as it takes to find its pod.
type object struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Items             []json.RawMessage `json:"items"`
	Spec              json.RawMessage   `json:"spec"`
}

type template struct {
	Template    corev1.PodTemplateSpec `json:"template"`
	JobTemplate struct {
		Spec struct {
			Template corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	} `json:"jobTemplate"`
}

type violation struct {
	File      string `json:"file"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Reason    string `json:"reason"`
	Detail    string `json:"detail"`
}

type report struct {
	Judged     int         `json:"judged"`
	Violations []violation `json:"violations"`
}

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: podsecurity VERSION FILE..."))
	}
	version, err := api.ParseVersion(os.Args[1])
	fail(err)
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	fail(err)
	level := api.LevelVersion{Level: api.LevelRestricted, Version: version}

	result := report{Violations: []violation{}}
	for _, file := range os.Args[2:] {
		fail(eachObject(file, func(found object) error {
			pod, err := podOf(found)
			if pod == nil || err != nil {
				return err
			}
			result.Judged++
			for _, check := range evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec) {
				if !check.Allowed {
					result.Violations = append(result.Violations, violation{
						file, found.Kind, found.Namespace, found.Name, check.ForbiddenReason, check.ForbiddenDetail,
					})
				}
			}
			return nil
		}))
	}
	fail(json.NewEncoder(os.Stdout).Encode(result))
}

// podOf is nil for kinds that make no pods.
func podOf(found object) (*corev1.PodTemplateSpec, error) {
	var spec template
	switch found.Kind {
	case "Pod":
		pod := corev1.PodTemplateSpec{ObjectMeta: found.ObjectMeta}
		return &pod, json.Unmarshal(found.Spec, &pod.Spec)
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job":
		return &spec.Template, json.Unmarshal(found.Spec, &spec)
	case "CronJob":
		return &spec.JobTemplate.Spec.Template, json.Unmarshal(found.Spec, &spec)
	}
	return nil, nil
}

// eachObject goes through the documents of a file, and through the items of a List.
func eachObject(file string, use func(object) error) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := eachItem(document, use); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
}

func eachItem(document []byte, use func(object) error) error {
	var found object
	if err := yaml.Unmarshal(document, &found); err != nil {
		return err
	}
	for _, item := range found.Items {
		if err := eachItem(item, use); err != nil {
			return err
		}
	}
	return use(found)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
