package train

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"math"
	"strconv"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// saveLines writes a line of JSON for each epoch, with the columns of metrics.csv as keys; null is what there is none of.
func saveLines(path string, history []Epoch) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		for _, e := range history {
			line := map[string]*float64{}
			for _, c := range e.cells() {
				line[c.name] = number(c.value)
			}
			if err := encoder.Encode(line); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveEvents writes what TensorBoard reads: each column of metrics.csv as a curve over the epochs. The file has no clock in it: an event's time
// is the seconds of training before it, so that a resumed run gives the same file as one never stopped, but for those.
//
// Source: tensorflow/core/util/event.proto, framework/summary.proto, and the record format of tensorflow/core/lib/io/record_writer.
func saveEvents(path string, history []Epoch) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		if err := writeRecord(w, appendText(nil, 3, "brain.Event:2")); err != nil {
			return err
		}
		seconds := 0.0
		for _, e := range history {
			seconds += e.Seconds
			for _, c := range e.cells() {
				if c.name == "epoch" || math.IsNaN(c.value) {
					continue
				}
				if err := writeRecord(w, scalarEvent(seconds, e.Epoch, c.name, c.value)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// scalarEvent is the protocol buffer Event{wall_time: 1, step: 2, summary: 5} of one Summary.Value{tag: 1, simple_value: 2}.
func scalarEvent(seconds float64, step int, tag string, value float64) []byte {
	point := appendText(nil, 1, tag)
	point = append(point, 2<<3|5)
	point = binary.LittleEndian.AppendUint32(point, math.Float32bits(float32(value)))
	event := binary.LittleEndian.AppendUint64([]byte{1<<3 | 1}, math.Float64bits(seconds))
	event = binary.AppendUvarint(append(event, 2<<3), uint64(step))
	return appendText(event, 5, string(appendText(nil, 1, string(point))))
}

// appendText appends a field of bytes to a protocol buffer.
func appendText(to []byte, field byte, text string) []byte {
	to = binary.AppendUvarint(append(to, field<<3|2), uint64(len(text)))
	return append(to, text...)
}

// writeRecord writes length, checksum of the length, content, checksum of the content.
func writeRecord(w io.Writer, content []byte) error {
	record := binary.LittleEndian.AppendUint64(nil, uint64(len(content)))
	record = binary.LittleEndian.AppendUint32(record, masked(record))
	record = append(record, content...)
	record = binary.LittleEndian.AppendUint32(record, masked(content))
	_, err := w.Write(record)
	return err
}

func masked(content []byte) uint32 {
	sum := crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli))
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// cell is one entry of metrics.csv; NaN is what there is none of.
type cell struct {
	name   string
	value  float64
	format byte // of strconv
	digits int
}

func (c cell) text() string {
	if math.IsNaN(c.value) {
		return ""
	}
	return strconv.FormatFloat(c.value, c.format, c.digits, 64)
}
