package job_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/job"
	"github.com/hqvit/hqvit/qops/statevec"
)

// twoPrograms is a job of two programs: basis-0 of three bits, basis-1 of two.
func twoPrograms(t *testing.T) *job.Job {
	t.Helper()
	j, err := job.Measure(circuit.New(3).H(0).CX(0, 1), []statevec.Observable{{{Coefficient: 3, Pauli: "ZZZ"},
		{Coefficient: 1, Pauli: "XXI"}}}, job.Options{})
	if err != nil || len(j.Programs) != 2 || len(j.Programs[0].Bits) != 3 || len(j.Programs[1].Bits) != 2 {
		t.Fatal(j, err)
	}
	return j
}

// array returns rows of bytes as RuntimeEncoder writes a BitArray, by the text of the format of NumPy.
func array(shape, rows string, bits int) string {
	header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': %s, }", shape)
	for (11+len(header))%64 != 0 {
		header += " "
	}
	header += "\n"
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	fmt.Fprintf(z, "\x93NUMPY\x01\x00%c%c%s%s", len(header)&255, len(header)>>8, header, rows)
	z.Close()
	return fmt.Sprintf(`{"__type__": "BitArray", "__value__": {"array": {"__type__": "ndarray", "__value__": %q}, `+
		`"num_bits": %d}}`, base64.StdEncoding.EncodeToString(packed.Bytes()), bits)
}

func sampler(arrays ...string) string {
	var pubs []string
	for _, a := range arrays {
		pubs = append(pubs, `{"__type__": "SamplerPubResult", "__value__": {"data": {"__type__": "DataBin", "__value__": `+
			`{"field_names": ["c"], "shape": [], "fields": {"c": `+a+`}}}, "metadata": {}}}`)
	}
	return `{"__type__": "PrimitiveResult", "__value__": {"pub_results": [` + strings.Join(pubs, ", ") +
		`], "metadata": {"version": 2}}}`
}

// TestForms: the same counts in every form, with bit 0 on either side.
func TestForms(t *testing.T) {
	j := twoPrograms(t)
	want := []job.Counts{{"110": 5, "001": 2}, {"10": 1, "00": 3}} // bit 0 first
	for name, c := range map[string]struct {
		order job.Order
		files []string
	}{
		"by name": {job.Little,
			[]string{`{"basis-1": {"01": 1, "00": 3}, "basis-0": {"011": 5, "100": 2, "111": 0}}`}},
		"two files": {job.Little, []string{`{"basis-1": {"01": 1, "00": 3}}`,
			`{"basis-0": {"011": 5, "100": 2}}`}},
		"big":         {job.Big, []string{`{"basis-1": {"10": 1, "00": 3}, "basis-0": {"110": 5, "001": 2}}`}},
		"list":        {job.Little, []string{`[{"011": 5, "100": 2}, {"01": 1, "00": 3}]`}},
		"one by one":  {job.Big, []string{`{"110": 5, "001": 2}`, `{"10": 1, "00": 3}`}},
		"hexadecimal": {job.Little, []string{`[{"0x3": 5, "0x4": 2}, {"0x1": 1, "0x0": 3}]`}},
		"hex, big":    {job.Big, []string{`[{"0x6": 5, "0X1": 2}, {"0x2": 1, "0x00": 3}]`}},
		"Qiskit": {job.Big, []string{`{"backend_name": "x", "success": true, "results": [{"shots": 7, "success": true, "data": ` +
			`{"counts": {"0x3": 5, "0x4": 2}}, "header": {"name": "circuit-1", "memory_slots": 3}}, {"data": {"counts": ` +
			`{"0x1": 1, "0x0": 3}}}]}`}},
		"Qiskit, by name": {job.Little,
			[]string{`{"results": [{"data": {"counts": {"0x1": 1, "0x0": 3}}, "header": {"name": ` +
				`"basis-1"}}, {"data": {"counts": {"0x3": 5, "0x4": 2}}, "header": {"name": "basis-0"}}]}`}},
		"sampler": {job.Big, []string{sampler(array("(7, 1)", "\x03\x03\x04\x03\x04\x03\x03", 3),
			array("(4, 1)", "\x00\x01\x00\x00", 2))}},
		"two samplers": {job.Little, []string{sampler(array("(7, 1)", "\x03\x03\x04\x03\x04\x03\x03", 3)),
			sampler(array("(4, 1)", "\x00\x01\x00\x00", 2))}},
	} {
		var results []job.Result
		for i, text := range c.files {
			results = append(results, job.Result{Name: fmt.Sprint(i, ".json"), JSON: []byte(text)})
		}
		got, err := j.Counts(c.order, results...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range want {
			if !maps.Equal(got[i], want[i]) {
				t.Errorf("%s: program %d has %v, want %v", name, i, got[i], want[i])
			}
		}
	}
}

// TestWideArrays: outcomes of more than eight bits are several bytes, the highest first.
func TestWideArrays(t *testing.T) {
	j, err := job.Measure(circuit.New(10), []statevec.Observable{{{Coefficient: 1, Pauli: "ZZZZZZZZZZ"}}},
		job.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := j.Counts(job.Little, job.Result{JSON: []byte(sampler(array("(3, 2)",
		"\x02\x01\x00\x80\x02\x01", 10)))})
	if err != nil || !maps.Equal(got[0], job.Counts{"1000000001": 2, "0000000100": 1}) {
		t.Errorf("%v, %v", got, err)
	}
}

// TestWrongCounts are errors that name the thing.
func TestWrongCounts(t *testing.T) {
	j := twoPrograms(t)
	const good = `{"basis-0": {"011": 5}, "basis-1": {"01": 1}}`
	for text, want := range map[string]string{
		``:                                       "want JSON: it ends too early",
		`{`:                                      "want JSON",
		`5`:                                      "want counts",
		`{}`:                                     "there is nothing in it",
		`[]`:                                     "there is nothing in it",
		good + `5`:                               "something stands behind the end",
		`{"basis-0": {"011": 5}}`:                "there are no counts of basis-1: want those of all 2 programs",
		`{"basis-2": {"011": 5}}`:                `there is no program "basis-2": the job has basis-0, basis-1`,
		`{"basis-0": {"0011": 5}}`:               `basis-0: the outcome "0011" has 4 bits, and the program measures 3`,
		`{"basis-0": {"0x8": 5}}`:                `basis-0: the outcome "0x8" does not fit into 3 bits`,
		`{"basis-0": {"0xq": 5}}`:                `the outcome "0xq" is no hexadecimal number`,
		`{"basis-0": {"0 1": 5}}`:                `the outcome "0 1": want 0 and 1`,
		`{"basis-0": {"011": -1}}`:               `basis-0: the count of "011": is -1, want at least 0`,
		`{"basis-0": {"011": 0.5}}`:              `basis-0: the count of "011": is 0.5, want a whole number: counts, not prob`,
		`{"basis-0": {"011": 1e3}}`:              `is 1e3, want a whole number`,
		`{"basis-0": {"011": "5"}}`:              `the count of "011": is no number`,
		`{"basis-0": {"011": 5, "011": 5}}`:      `"011" stands there twice`,
		`{"basis-0": {"011": 5, "0x3": 5}}`:      `basis-0: the outcome "0x3" stands there twice`,
		`{"basis-0": {"011": 0}}`:                "basis-0: there is no shot",
		`{"basis-0": {"011": 2251799813685248}}`: "basis-0: more than 2^50 shots",
		`{"basis-0": 5, "basis-1": {}}`:          `basis-0: want counts such as`,
		`[{"011": 5}, {"01": 1}, {"01": 1}]`:     "there are counts of more than the 2 programs",
		`[{"01": 5}]`:                            `basis-0: the outcome "01" has 2 bits`,
		`[5]`:                                    "element 0: want counts",
		`{"000": true}`:                          `the count of "000": is no number`,
		`{"0x1": null, "000": 5}`:                `the count of "0x1": is no number`,
		`{"results": []}`:                        "results: want a list",
		`{"results": [{"success": false, "status": "ERROR"}]}`:                           "the device says that it failed: ERROR",
		`{"results": [{"data": {}}]}`:                                                    `results, element 0: data: want an object "counts"`,
		`{"results": [{"data": {"counts": {"0x1": 2}}, "header": {"memory_slots": 5}}]}`: "basis-0: it has 5 bits",
		`{"__type__": "Result"}`:                                                         `the type is "Result", want PrimitiveResult`,
		sampler(array("(1, 1)", "\x03",
			4)): "basis-0: it has 4 bits, and the program measures 3",
		sampler(array("(1, 1)", "\x08",
			3)): "a row is larger than 3 bits",
		sampler(array("(2, 1)", "\x01",
			3)): "its shape is (2, 1) for 1 bytes",
		sampler(array("(1,)", "\x01", 3)):                    "want an array of bytes",
		sampler(`{"__type__": "ndarray", "__value__": "x"}`): `the type is "ndarray", want BitArray`,
		strings.Repeat("[", 100):                             "more than 64 values in each other",
	} {
		_, err := j.Counts(job.Little, job.Result{Name: "r.json", JSON: []byte(text)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: error %v, want %q", text, err, want)
		}
	}
	_, err := j.Counts(job.Little, job.Result{Name: "a.json", JSON: []byte(good)}, job.Result{Name: "b.json",
		JSON: []byte(good)})
	if err == nil || !strings.Contains(err.Error(), "b.json: basis-0 has counts in a.json already") {
		t.Errorf("error %v", err)
	}
}

// FuzzCounts: no result panics, and what is accepted has the shots of each program.
func FuzzCounts(f *testing.F) {
	j, err := job.Measure(circuit.New(3).H(0), []statevec.Observable{{{Coefficient: 3, Pauli: "ZZZ"}}},
		job.Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{`{"011": 5}`, `{"basis-0": {"0x3": 5}}`, `[{"011": 5}]`,
		`{"results": [{"data": {"counts": {"0x1": 2}}}]}`, sampler(array("(2, 1)", "\x03\x01", 3))} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		counts, err := j.Counts(job.Little, job.Result{JSON: text})
		if err == nil && (len(counts) != 1 || counts[0].Shots() < 1) {
			t.Errorf("%q gives %v", text, counts)
		}
	})
}

var (
	zero      float64
	noContext context.Context
)
