package job

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/statevec"
)

// Counts is how often each outcome of a program came: by a text of one 0 or 1 a bit, bit 0 first.
type Counts map[string]int

// Shots returns how many runs there were.
func (c Counts) Shots() (n int) {
	for _, v := range c {
		n += v
	}
	return n
}

// Order says where bit 0 stands in the outcomes of a result.
type Order int

const (
	Little Order = iota // on the right, or the lowest bit of a number: as in Qiskit
	Big                 // on the left: as in Cirq, Braket, and in what this package returns
)

// Result is what a device has returned: JSON in one of these forms.
//
//	{"010": 12, "111": 3}                      counts of one program
//	{"pair-0-0": {…}, "pair-0-1": {…}}         by the names of programs
//	[{…}, {…}]                                 in the order of the manifest
//	{"results": [{"data": {"counts": {…}}}]}   a Result of Qiskit
//	{"__type__": "PrimitiveResult", …}         that of a sampler, as RuntimeEncoder of qiskit-ibm-runtime writes it
//
// Outcomes are texts of 0 and 1, one a bit, or hexadecimal numbers that begin with 0x. Counts without a name
// go to the next program in the order of the manifest, over several results; those of Qiskit's Result to the
// program that its header names, if it names one.
type Result struct {
	Name string // of its file, for errors
	JSON []byte
}

// maxResult bounds the file of a result, in bytes.
const maxResult = 1 << 30

// ReadResult reads a result from a file of at most 1 GiB.
func ReadResult(name string) (Result, error) {
	text, err := readFile(name, maxResult)
	return Result{Name: name, JSON: text}, err
}

// Counts returns the counts of all programs, in the order of the manifest. The order is that of texts and
// numbers; forms of Qiskit's own are Little always. It returns an error that names the program for counts
// that are not whole or negative, outcomes of another number of bits, outcomes or programs that come twice,
// programs that there are not, and programs without counts.
func (j *Job) Counts(order Order, results ...Result) ([]Counts, error) {
	if j == nil || len(j.Programs) == 0 {
		return nil, errors.New("job: Counts: want a job with programs")
	}
	if order != Little && order != Big {
		return nil, errors.Errorf("job: Counts: unknown Order %d", order)
	}
	n := len(j.Programs)
	r := reading{job: j, order: order, counts: make([]Counts, n), from: make([]string, n),
		index: map[string]int{}}
	for i, p := range j.Programs {
		r.index[p.Name] = i
	}
	for _, result := range results {
		r.file = result.Name
		if err := r.read(result.JSON); err != nil {
			if result.Name != "" {
				err = errors.WithMessage(err, result.Name)
			}
			return nil, err
		}
	}
	return r.counts, r.missing()
}

// reading is results that are being read.
type reading struct {
	job    *Job
	order  Order
	file   string // at work
	next   int    // program of counts without a name
	counts []Counts
	from   []string // the result that the counts of a program are from
	index  map[string]int
}

func (r *reading) missing() error {
	var names []string
	for i, c := range r.counts {
		if c == nil {
			names = append(names, r.job.Programs[i].Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	text := strings.Join(names[:min(3, len(names))], ", ")
	if more := len(names) - 3; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return errors.Errorf("there are no counts of %s: want those of all %d programs", text, len(r.counts))
}

func (r *reading) read(text []byte) error {
	v, err := decode(text)
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case []any:
		return r.list(v)
	case *object:
		switch {
		case len(v.keys) == 0:
			return errors.New("there is nothing in it: want counts")
		case v.values["__type__"] != nil:
			return r.primitive(v)
		case v.values["results"] != nil && !r.named("results"):
			return r.qiskit(v)
		case v.areCounts():
			return r.add(v, r.order)
		}
		for _, name := range v.keys {
			i, ok := r.index[name]
			if _, inner := v.values[name].(*object); !ok && !inner && isOutcome(name) {
				_, err := wholeNumber(v.values[name])
				return errors.WithMessagef(err, "the count of %q", name)
			}
			if !ok {
				return errors.Errorf("there is no program %q: the job has %s", name, r.programs())
			}
			o, ok := v.values[name].(*object)
			if !ok {
				return errors.Errorf("%s: want counts such as {\"010\": 12}", name)
			}
			if err := r.set(i, o, r.order); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("want counts, such as {\"010\": 12, \"111\": 3}")
}

// isOutcome tells whether a key is an outcome and no name.
func isOutcome(key string) bool {
	_, hex := cutHex(key)
	return hex || strings.Trim(key, "01") == ""
}

// named tells whether there is a program of that name.
func (r *reading) named(name string) bool {
	_, ok := r.index[name]
	return ok
}

// programs lists the names of programs.
func (r *reading) programs() string {
	var names []string
	for _, p := range r.job.Programs[:min(3, len(r.job.Programs))] {
		names = append(names, p.Name)
	}
	text := strings.Join(names, ", ")
	if len(r.job.Programs) > 3 {
		text += fmt.Sprintf(", … (%d in all)", len(r.job.Programs))
	}
	return text
}

func (r *reading) list(all []any) error {
	if len(all) == 0 {
		return errors.New("there is nothing in it: want counts")
	}
	for i, v := range all {
		o, ok := v.(*object)
		if !ok {
			return errors.Errorf("element %d: want counts such as {\"010\": 12}", i)
		}
		if o.values["__type__"] != nil {
			if err := r.primitive(o); err != nil {
				return errors.WithMessagef(err, "element %d", i)
			}
			continue
		}
		if err := r.add(o, r.order); err != nil {
			return err
		}
	}
	return nil
}

// add takes counts for the next program.
func (r *reading) add(o *object, order Order) error {
	i, err := r.take()
	if err != nil {
		return err
	}
	return r.set(i, o, order)
}

// take returns the next program.
func (r *reading) take() (int, error) {
	if r.next == len(r.counts) {
		return 0, errors.Errorf("there are counts of more than the %d programs of the job", len(r.counts))
	}
	r.next++
	return r.next - 1, nil
}

// set takes the counts of a program.
func (r *reading) set(i int, o *object, order Order) error {
	counts := Counts{}
	for _, key := range o.keys {
		n, err := wholeNumber(o.values[key])
		if err != nil {
			return errors.WithMessagef(err, "%s: the count of %q", r.job.Programs[i].Name, key)
		}
		outcome, err := bitsOf(key, len(r.job.Programs[i].Bits), order)
		if err != nil {
			return errors.WithMessage(err, r.job.Programs[i].Name)
		}
		if _, again := counts[outcome]; again {
			return errors.Errorf("%s: the outcome %q stands there twice", r.job.Programs[i].Name, key)
		}
		counts[outcome] = n
	}
	return r.keep(i, counts)
}

// keep keeps the counts of a program.
func (r *reading) keep(i int, counts Counts) error {
	name := r.job.Programs[i].Name
	if r.counts[i] != nil {
		return errors.Errorf("%s has counts in %s already: want them once", name, r.from[i])
	}
	shots := 0
	for outcome, n := range counts {
		if shots += n; n > statevec.MaxShots || shots > statevec.MaxShots {
			return errors.Errorf("%s: more than 2^50 shots", name)
		}
		if n == 0 {
			delete(counts, outcome)
		}
	}
	if shots == 0 {
		return errors.Errorf("%s: there is no shot", name)
	}
	r.counts[i], r.from[i] = counts, r.file
	return nil
}

// bitsOf returns an outcome as a text, bit 0 first.
func bitsOf(key string, n int, order Order) (string, error) {
	text := key
	if digits, ok := cutHex(key); ok {
		v, err := parseHex(digits)
		if err != nil {
			return "", errors.Errorf("the outcome %q is no hexadecimal number of at most 60 bits", key)
		}
		if n < 64 && v>>n != 0 {
			return "", errors.Errorf("the outcome %q does not fit into %d bits: it is that of another "+
				"circuit", key, n)
		}
		text = fmt.Sprintf("%0*b", n, v)
	}
	if strings.Trim(text, "01") != "" {
		return "", errors.Errorf("the outcome %q: want 0 and 1, one for each of %d bits, or a number that "+
			"begins with 0x",
			key, n)
	}
	if len(text) != n {
		return "", errors.Errorf("the outcome %q has %d bits, and the program measures %d: it is that of "+
			"another circuit",
			key, len(text), n)
	}
	if order == Little {
		return Reversed(text), nil
	}
	return text, nil
}

// Reversed returns an outcome with its bits the other way round: from Little to Big, and back.
func Reversed(text string) string {
	out := []byte(text)
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return string(out)
}
