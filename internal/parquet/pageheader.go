package parquet

// The kinds of pages, and the encodings.
const (
	dataPage = iota
	indexPage
	dictionaryPage
	dataPage2

	encodingPlain             = 0
	encodingPlainDictionary   = 2
	encodingRLE               = 3
	encodingDelta             = 5
	encodingDeltaLengths      = 6
	encodingDeltaBytes        = 7
	encodingDictionary        = 8
	encodingByteStreamSplit   = 9
	firstHeader, mostOfHeader = 1 << 12, 1 << 28 // bytes that are read to find a header
)

// pageHeader is what stands before a page.
type pageHeader struct {
	kind             int64
	expanded, stored int64 // its length, compressed and not
	values, encoding int64
	levelEncoding    int64
	levelBytes       [2]int64 // of a data page of version 2: repetition, definition
	compressed       bool
	checked          bool
	checksum         uint32
}

// readHeader reads a page header from the first bytes of a page, and says how many there are of it.
func readHeader(b []byte) (h pageHeader, length int, err error) {
	c := &compact{b: b}
	h.compressed = true
	data := func(id int64, kind byte) {
		switch id {
		case 1:
			h.values = c.number(kind)
		case 2:
			h.encoding = c.number(kind)
		case 3:
			h.levelEncoding = c.number(kind)
		default:
			c.skip(kind)
		}
	}
	c.fields(func(id int64, kind byte) {
		switch id {
		case 1:
			h.kind = c.number(kind)
		case 2:
			h.expanded = c.number(kind)
		case 3:
			h.stored = c.number(kind)
		case 4:
			h.checksum, h.checked = uint32(c.number(kind)), true
		case 5:
			c.structure(kind, data)
		case 7:
			c.structure(kind, func(id int64, kind byte) {
				if id == 3 { // whether the dictionary is sorted
					c.skip(kind)
					return
				}
				data(id, kind)
			})
		case 8:
			c.structure(kind, func(id int64, kind byte) { c.version2(&h, id, kind) })
		default:
			c.skip(kind)
		}
	})
	return h, c.at, c.err
}

// version2 reads a field of the header of a data page of version 2.
func (c *compact) version2(h *pageHeader, id int64, kind byte) {
	switch id {
	case 1:
		h.values = c.number(kind)
	case 4:
		h.encoding = c.number(kind)
	case 5:
		h.levelBytes[1] = c.number(kind)
	case 6:
		h.levelBytes[0] = c.number(kind)
	case 7:
		h.compressed = c.truth(kind)
	default:
		c.skip(kind)
	}
}
