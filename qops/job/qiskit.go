package job

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// qiskit reads a Result of Qiskit, as its to_dict gives it: counts by hexadecimal numbers.
func (r *reading) qiskit(v *object) error {
	all, ok := v.values["results"].([]any)
	if !ok || len(all) == 0 {
		return errors.New("results: want a list of results")
	}
	byName := true // each is named after a program
	for _, e := range all {
		byName = byName && r.named(headerName(e))
	}
	for n, e := range all {
		err := func() error {
			o, ok := e.(*object)
			if !ok {
				return errors.New("want an object")
			}
			if done, ok := o.values["success"].(bool); ok && !done {
				return errors.Errorf("the device says that it failed: %v", o.values["status"])
			}
			data, err := o.child("data")
			if err != nil {
				return err
			}
			counts, err := data.child("counts")
			if err != nil {
				return errors.WithMessage(err, "data")
			}
			i := r.index[headerName(e)]
			if !byName {
				if i, err = r.take(); err != nil {
					return err
				}
			}
			if err := r.checkSlots(i, o); err != nil {
				return err
			}
			return r.set(i, counts, Little)
		}()
		if err != nil {
			return errors.WithMessagef(err, "results, element %d", n)
		}
	}
	return nil
}

// headerName returns what a result calls its circuit.
func headerName(e any) string {
	if o, ok := e.(*object); ok {
		if header, err := o.child("header"); err == nil {
			name, _ := header.values["name"].(string)
			return name
		}
	}
	return ""
}

// checkSlots returns an error if a result says that it has another number of bits.
func (r *reading) checkSlots(i int, o *object) error {
	header, err := o.child("header")
	if err != nil || header.values["memory_slots"] == nil {
		return nil
	}
	n, err := wholeNumber(header.values["memory_slots"])
	if want := len(r.job.Programs[i].Bits); err == nil && n != want {
		err = errors.Errorf("%s: it has %d bits, and the program measures %d: it is that of another circuit",
			r.job.Programs[i].Name, n, want)
	}
	return err
}

// primitive reads the result of a sampler as RuntimeEncoder writes it.
func (r *reading) primitive(v *object) error {
	fields, err := typed(v, "PrimitiveResult")
	if err != nil {
		return err
	}
	all, ok := fields.values["pub_results"].([]any)
	if !ok || len(all) == 0 {
		return errors.New("want a list pub_results")
	}
	for n, e := range all {
		i, err := r.take()
		if err == nil {
			err = r.pub(i, e)
		}
		if err != nil {
			return errors.WithMessagef(err, "pub_results, element %d", n)
		}
	}
	return nil
}

// typed returns the value of an object of one of those types.
func typed(v any, types ...string) (*object, error) {
	o, ok := v.(*object)
	if !ok {
		return nil, errors.Errorf("want an object of the type %s", strings.Join(types, " or "))
	}
	name, _ := o.values["__type__"].(string)
	if !slices.Contains(types, name) {
		return nil, errors.Errorf("the type is %q, want %s", name, strings.Join(types, " or "))
	}
	return o.child("__value__")
}

// pub reads the result of one program: its one register of bits.
func (r *reading) pub(i int, e any) error {
	pub, err := typed(e, "SamplerPubResult", "PubResult")
	if err != nil {
		return err
	}
	bin, err := typed(pub.values["data"], "DataBin")
	if err != nil {
		return errors.WithMessage(err, "data")
	}
	fields, err := bin.child("fields")
	if err != nil {
		return err
	}
	name := "c"
	if fields.values[name] == nil && len(fields.keys) == 1 {
		name = fields.keys[0]
	}
	array, err := typed(fields.values[name], "BitArray")
	if err != nil {
		return errors.WithMessagef(err, "want the register c: fields %s", strings.Join(fields.keys, ", "))
	}
	bits, err := wholeNumber(array.values["num_bits"])
	if err != nil {
		return errors.WithMessage(err, "num_bits")
	}
	want := len(r.job.Programs[i].Bits)
	if bits != want {
		return errors.Errorf("%s: it has %d bits, and the program measures %d: it is that of another circuit",
			r.job.Programs[i].Name, bits, want)
	}
	rows, err := byteRows(array.values["array"], (bits+7)/8)
	if err != nil {
		return errors.WithMessage(err, "array")
	}
	byNumber := map[uint64]int{} // a text for each row would take many times the memory
	for row := range slices.Chunk(rows, (bits+7)/8) {
		v := uint64(0)
		for _, b := range row {
			v = v<<8 | uint64(b)
		}
		if v>>bits != 0 {
			return errors.Errorf("array: a row is larger than %d bits", bits)
		}
		byNumber[v]++
	}
	counts := make(Counts, len(byNumber))
	for v, n := range byNumber {
		counts[Reversed(fmt.Sprintf("%0*b", bits, v))] = n
	}
	return r.keep(i, counts)
}

// maxArray bounds the bytes of an array, decompressed: 16 million shots of a program of 30 bits. A file of a
// megabyte can hold a gigabyte of zeros.
const maxArray = 64 << 20

// header is that of an array of bytes in the format of NumPy.
var header = regexp.MustCompile(
	`^\{'descr': '\|u1', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$`)

// byteRows returns the rows of an array of bytes of that width: base64 of zlib of the format of NumPy.
func byteRows(v any, width int) ([]byte, error) {
	o, ok := v.(*object)
	if !ok || o.values["__type__"] != "ndarray" {
		return nil, errors.New("want an object of the type ndarray")
	}
	text, _ := o.values["__value__"].(string)
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.Errorf("it is no base64: %v", err)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, errors.Errorf("it is not compressed by zlib: %v", err)
	}
	content, err := io.ReadAll(io.LimitReader(z, maxArray+1))
	switch {
	case err != nil:
		return nil, errors.Errorf("it is not compressed by zlib: %v", err)
	case len(content) > maxArray:
		return nil, errors.Errorf("it has more than %d MiB when it is decompressed: want fewer shots a "+
			"program, or counts in place of an array",
			maxArray>>20)
	case len(content) < 12 || !bytes.HasPrefix(content, []byte("\x93NUMPY")) || content[6] < 1 ||
		content[6] > 3:
		return nil, errors.New("it is no array in the format of NumPy")
	}
	from, size := 10, int(content[8])|int(content[9])<<8
	if content[6] > 1 {
		from, size = 12, size|int(content[10])<<16|int(content[11])<<24
	}
	if size > len(content)-from {
		return nil, errors.New("it is no array in the format of NumPy: its header is cut off")
	}
	m := header.FindSubmatch(content[from : from+size])
	if m == nil {
		return nil, errors.Errorf("its header is %q, want an array of bytes, of shots and bytes a shot",
			content[from:from+min(size, 80)])
	}
	rows, errRows := strconv.Atoi(string(m[1]))
	columns, errColumns := strconv.Atoi(string(m[2]))
	content = content[from+size:]
	if errRows != nil || errColumns != nil || columns != width || rows > len(content) ||
		rows*columns != len(content) {
		return nil, errors.Errorf("its shape is (%s, %s) for %d bytes, want %d bytes a shot", m[1], m[2],
			len(content),
			width)
	}
	return content, nil
}
