package data

import (
	"bytes"
	"encoding/binary"
)

// orientation is how a camera held a picture, by the number that EXIF has for it: 1 upright, 2 to 4 mirrored
// left to right, turned by 180 degrees, mirrored top to bottom, and 5 to 8 with rows and columns exchanged.
type orientation int

// source returns where the pixel (x, y) of the upright picture is stored, in a picture of width×height as
// stored.
func (o orientation) source(x, y, width, height int) (int, int) {
	if o.turned() {
		x, y = y, x
	}
	// The first row stored is the picture's right side in 6 and 7, its left in 5 and 8, and so on.
	if o == 2 || o == 3 || o == 7 || o == 8 {
		x = width - 1 - x
	}
	if o == 3 || o == 4 || o == 6 || o == 7 {
		y = height - 1 - y
	}
	return x, y
}

// turned reports whether rows and columns are exchanged.
func (o orientation) turned() bool { return o >= 5 }

// orientationOf returns the orientation that the file of a picture has recorded; 1 if there is none or it
// cannot be read, as viewers do.
//
// Source: Exif 2.32, CIPA DC-008, section 4.5 (APP1) and 4.6.4 (tag 0x112); PNG third edition, eXIf; WebP
// container specification, EXIF.
func orientationOf(content []byte) orientation {
	exif := content // a TIFF file is one directory itself
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xd8")):
		exif = exifOfJPEG(content)
	case bytes.HasPrefix(content, []byte("\x89PNG")):
		exif = exifOfChunks(content[8:], binary.BigEndian, "eXIf", 4, 4)
	case bytes.HasPrefix(content, []byte("RIFF")) && len(content) > 12:
		exif = exifOfChunks(content[12:], binary.LittleEndian, "EXIF", 0, 0)
	}
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if d, ok := newDirectory(exif); ok && d.orientation >= 1 && d.orientation <= 8 {
		return d.orientation
	}
	return 1
}

// exifOfJPEG returns the content of the first APP1 segment with EXIF; nil if there is none before the pixels.
func exifOfJPEG(content []byte) []byte {
	for rest := content[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker := rest[1]
		if marker == 0xff { // padding
			rest = rest[1:]
			continue
		}
		length := int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || length < 2 || length+2 > len(rest) {
			return nil
		}
		if segment := rest[4 : 2+length]; marker == 0xe1 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")) {
			return segment
		}
		rest = rest[2+length:]
	}
	return nil
}

// exifOfChunks returns the content of the first chunk of a kind; nil if there is none. A chunk is a length
// and a kind, the kind first where kindAt is 0, then its content, then a sum of sumLen bytes; without a sum
// the content has an even length.
func exifOfChunks(rest []byte, order binary.ByteOrder, kind string, kindAt, sumLen int) []byte {
	for len(rest) >= 8 {
		length := uint64(order.Uint32(rest[4-kindAt:]))
		end := 8 + length
		if end > uint64(len(rest)) {
			return nil
		}
		if string(rest[kindAt:kindAt+4]) == kind {
			return rest[8:end]
		}
		if end += uint64(sumLen); sumLen == 0 {
			end += length % 2
		}
		rest = rest[min(end, uint64(len(rest))):]
	}
	return nil
}

// directory is what the first directory of TIFF tags says: of EXIF, or of a TIFF file.
type directory struct {
	orientation orientation // 0: none
	next        uint32      // where the directory of the next page is; 0: nowhere
}

// newDirectory reads a directory; ok is false if there is none.
func newDirectory(content []byte) (d directory, ok bool) {
	if len(content) < 8 {
		return d, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(content[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return d, false
	}
	at := uint64(order.Uint32(content[4:]))
	if at+2 > uint64(len(content)) {
		return d, false
	}
	count := uint64(order.Uint16(content[at:]))
	entries := content[at+2:]
	for range count {
		if len(entries) < 12 {
			return d, true
		}
		const orientationTag, short = 0x112, 3
		if order.Uint16(entries) == orientationTag && order.Uint16(entries[2:]) == short {
			d.orientation = orientation(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	if len(entries) >= 4 {
		d.next = order.Uint32(entries)
	}
	return d, true
}
