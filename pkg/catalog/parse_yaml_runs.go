package catalog

import (
	"bytes"
	"iter"

	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// sourceInRuns reads a YAML file without having all of its nodes at one time: the
// library's take ten times the text. Long lists are loaded and read in runs.
// Source and findings are those of the whole file, else it gives nil and r is as
// it was; problem tells why, where the library found an error in a run.
func (r *reader) sourceInRuns(data []byte) (s *File, problem *document.Problem) {
	if !r.limits.inRuns(data) {
		return nil, nil
	}
	cut := cutYAML(data, r.limits.run)
	if cut == nil || cut.marks > r.limits.yamlMarks {
		return nil, nil
	}
	l := newYAMLRuns(data, cut, r.limits.yamlMarks)
	attempt := &reader{api: r.api, limits: r.limits}
	if root := l.load(cut.rest, 0); root != nil {
		n := l.nodes.node(root, 0)
		l.nodes.run = nil // places in a run's text are others
		s = attempt.source(n)
	}
	if len(l.waiting) > 0 || !l.sure() {
		return nil, l.problem
	}
	*r = *attempt
	return s, nil
}

// yamlRuns loads the runs of a file when the reader comes to them.
type yamlRuns struct {
	data    []byte
	marks   int // that the library may be given
	nodes   yamlNodes
	anchors yamlAnchors
	waiting map[Position]*yamlRun // not read yet, by their placeholders
	problem *document.Problem
	unsure  bool // the whole file may read otherwise
}

func newYAMLRuns(data []byte, cut *yamlCut, marks int) *yamlRuns {
	l := &yamlRuns{data: data, marks: marks, anchors: yamlAnchors{nodes: map[string]*yaml.Node{}}, waiting: make(map[Position]*yamlRun, len(cut.runs))}
	l.nodes = yamlNodes{done: map[*yaml.Node]*node{}, run: l.run}
	for i := range cut.runs {
		run := &cut.runs[i]
		l.waiting[run.placeholder()] = run
	}
	return l
}

// sure tells whether what has been read so far is what the whole file says.
func (l *yamlRuns) sure() bool {
	return l.problem == nil && !l.unsure && !l.anchors.again && !l.nodes.unsure && l.nodes.kept <= l.marks
}

// load gives the library's nodes of a part of the file, below a number of lines;
// nil when there is a problem.
func (l *yamlRuns) load(text []byte, above int) *yaml.Node {
	var root yaml.Node
	if err := yaml.Load(text, &root, yaml.WithPlugin(&l.anchors)); err != nil {
		l.problem = document.YAMLProblem(err, l.data, above)
		return nil
	}
	if len(root.Content) != 1 {
		l.unsure = true
		return nil
	}
	return root.Content[0]
}

// run gives the node of a placeholder, and nil for another element of a list.
func (l *yamlRuns) run(n *yaml.Node, depth int) *node {
	run := l.waiting[Position{n.Line, n.Column}]
	if run == nil || n.Kind != yaml.ScalarNode || n.Value != "~" { // or a text that goes on
		return nil
	}
	return &node{at: Position{n.Line, n.Column}, count: run.count, run: l.elements(run, depth)}
}

// elements loads the elements of a run, which are depth levels deep in the file.
func (l *yamlRuns) elements(run *yamlRun, depth int) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		if l.waiting[run.placeholder()] == nil {
			l.unsure = true // read before: there is an alias
			return
		}
		delete(l.waiting, run.placeholder())
		if !l.sure() {
			return
		}
		if yamlMarks(run.text) > l.marks {
			l.unsure = true
			return
		}
		list := l.load(run.text, run.line-1)
		if list == nil {
			return
		}
		lines := bytes.Count(run.text, []byte("\n"))
		for i, element := range list.Content {
			list.Content[i] = nil
			l.nodes.above, l.nodes.lines = run.line-1, lines
			n := l.nodes.node(element, depth)
			if at := l.nodes.tooDeep; at != (Position{}) {
				l.problem = &document.Problem{Position: document.Position(at), Message: tooDeep()}
				return
			}
			if !yield(n) {
				return
			}
		}
	}
}

// yamlAnchors keeps the anchors of all runs, for the aliases of later ones.
type yamlAnchors struct {
	nodes map[string]*yaml.Node
	again bool // a name was given twice: which one an alias means depends on the order of loading
}

func (a *yamlAnchors) NewAliasDataContext(yaml.AliasDataServices) (yaml.AliasDataContext, error) {
	return a, nil
}

func (a *yamlAnchors) BeginDocument() error { return nil }
func (a *yamlAnchors) EndDocument() error   { return nil }

func (a *yamlAnchors) DefineAnchor(name string, n *yaml.Node) error {
	_, known := a.nodes[name]
	a.again = a.again || known
	a.nodes[name] = n
	return nil
}

func (a *yamlAnchors) ResolveAlias(name string) (n *yaml.Node, found bool, err error) {
	n, found = a.nodes[name]
	return n, found, nil
}
