package rundir

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
)

// writeEvents writes what TensorBoard reads: each column as a curve over the epochs. The file has no clock in
// it: the time of an event is the seconds of training before it, so that a resumed run gives the same file as
// an uninterrupted one, apart from those.
//
// Source: tensorflow/core/util/event.proto, framework/summary.proto, and the record format of
// tensorflow/core/lib/io/record_writer.
func writeEvents(w io.Writer, rows []Row) error {
	if err := writeRecord(w, appendField(nil, 3, "brain.Event:2")); err != nil {
		return err
	}
	seconds := 0.0
	for _, row := range rows {
		seconds += row.Seconds
		for _, c := range row.Cells {
			if c.Name == "epoch" || math.IsNaN(c.Value) {
				continue
			}
			if err := writeRecord(w, scalarEvent(seconds, row.Epoch, c.Name, c.Value)); err != nil {
				return err
			}
		}
	}
	return nil
}

// scalarEvent is the protocol buffer Event{wall_time: 1, step: 2, summary: 5} of one Summary.Value{tag: 1,
// simple_value: 2}.
func scalarEvent(seconds float64, step int, tag string, value float64) []byte {
	point := appendField(nil, 1, tag)
	point = append(point, 2<<3|5)
	point = binary.LittleEndian.AppendUint32(point, math.Float32bits(float32(value)))
	event := binary.LittleEndian.AppendUint64([]byte{1<<3 | 1}, math.Float64bits(seconds))
	event = binary.AppendUvarint(append(event, 2<<3), uint64(step))
	return appendField(event, 5, string(appendField(nil, 1, string(point))))
}

// appendField appends a field of bytes to a protocol buffer.
func appendField(to []byte, field byte, text string) []byte {
	to = binary.AppendUvarint(append(to, field<<3|2), uint64(len(text)))
	return append(to, text...)
}

// writeRecord writes length, checksum of the length, content, checksum of the content.
func writeRecord(w io.Writer, content []byte) error {
	record := binary.LittleEndian.AppendUint64(nil, uint64(len(content)))
	record = binary.LittleEndian.AppendUint32(record, maskedChecksum(record))
	record = append(record, content...)
	record = binary.LittleEndian.AppendUint32(record, maskedChecksum(content))
	_, err := w.Write(record)
	return err
}

func maskedChecksum(content []byte) uint32 {
	sum := crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli))
	return (sum>>15 | sum<<17) + 0xa282ead8
}
