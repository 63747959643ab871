// Renders deploy/helm/loket where there is no helm: the same template engine (Go's text/template with sprig), the functions that Helm adds, and
// Helm's way of laying values over those of the chart. It is not helm: no hooks, no subcharts, no look-ups in a cluster.
//
//	render CHART RELEASE [VALUES.yaml...]   prints every manifest; exit code 1 and a sentence when a template fails
//
// Built with Debian's packages (golang-go, golang-github-masterminds-sprig-dev, golang-k8s-sigs-yaml-dev): see test_chart.py.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type values = map[string]interface{}

// read keeps whole numbers whole, as Helm does: 1048576, never 1.048576e+06.
func read(file string) values {
	text, err := os.ReadFile(file)
	fail(err)
	found := values{}
	fail(yaml.Unmarshal(text, &found, func(d *json.Decoder) *json.Decoder { d.UseNumber(); return d }))
	return found
}

// over lays values over others: tables are merged, null takes a key away, all else replaces.
func over(base, more values) values {
	for key, value := range more {
		below, isTable := base[key].(values)
		above, wantsTable := value.(values)
		switch {
		case value == nil:
			delete(base, key)
		case isTable && wantsTable:
			base[key] = over(below, above)
		default:
			base[key] = value
		}
	}
	return base
}

func toYaml(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

func functions(all *template.Template) template.FuncMap {
	found := sprig.TxtFuncMap()
	delete(found, "env") // Helm has neither: a chart must not read the machine
	delete(found, "expandenv")
	found["toYaml"] = toYaml
	found["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	found["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := all.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := copied.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		err = parsed.Execute(&out, data)
		return out.String(), err
	}
	found["required"] = func(said string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(said)
		}
		return value, nil
	}
	found["lookup"] = func(string, string, string, string) values { return values{} }
	return found
}

func main() {
	chart, release := os.Args[1], os.Args[2]
	merged := read(filepath.Join(chart, "values.yaml"))
	for _, file := range os.Args[3:] {
		merged = over(merged, read(file))
	}
	about := read(filepath.Join(chart, "Chart.yaml"))
	data := values{
		"Values":       merged,
		"Chart":        values{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]},
		"Release":      values{"Name": release, "Namespace": "default", "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": 1},
		"Capabilities": values{"KubeVersion": values{"Version": "v1.30.0", "Major": "1", "Minor": "30"}},
	}
	// A value that is not there is an error, as with `helm lint --strict`.
	all := template.New("chart").Option("missingkey=error")
	all.Funcs(functions(all))
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	fail(err)
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		fail(err)
		_, err = all.New(filepath.Base(file)).Parse(string(text))
		fail(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") || !strings.HasSuffix(name, ".yaml") {
			continue
		}
		var out bytes.Buffer
		fail(all.ExecuteTemplate(&out, name, data))
		fmt.Printf("---\n# Source: %s\n%s\n", name, out.String())
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
