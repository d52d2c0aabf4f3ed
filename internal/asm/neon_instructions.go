package main

import "fmt"

// instruction is one on vector registers that Go's assembler does not know, as the Arm Architecture Reference
// Manual encodes it, for four single or two double elements, without its registers.
type instruction struct {
	name           string
	single, double uint32
	roles          string // of its registers, the result first
}

var (
	fadd   = instruction{"FADD", 0x4e20d400, 0x4e60d400, "duu"}
	fsub   = instruction{"FSUB", 0x4ea0d400, 0x4ee0d400, "duu"}
	fmul   = instruction{"FMUL", 0x6e20dc00, 0x6e60dc00, "duu"}
	fdiv   = instruction{"FDIV", 0x6e20fc00, 0x6e60fc00, "duu"}
	fmax   = instruction{"FMAX", 0x4e20f400, 0x4e60f400, "duu"} // NaN if either is
	fmin   = instruction{"FMIN", 0x4ea0f400, 0x4ee0f400, "duu"}
	fmla   = instruction{"FMLA", 0x4e20cc00, 0x4e60cc00, "buu"} // adds the product
	fmls   = instruction{"FMLS", 0x4ea0cc00, 0x4ee0cc00, "buu"} // subtracts it
	faddp  = instruction{"FADDP", 0x6e20d400, 0x6e60d400, "duu"}
	fmaxp  = instruction{"FMAXP", 0x6e20f400, 0x6e60f400, "duu"}
	fcmgt  = instruction{"FCMGT", 0x6ea0e400, 0x6ee0e400, "duu"}
	fsqrt  = instruction{"FSQRT", 0x6ea1f800, 0x6ee1f800, "du"}
	fabs   = instruction{"FABS", 0x4ea0f800, 0x4ee0f800, "du"}
	fneg   = instruction{"FNEG", 0x6ea0f800, 0x6ee0f800, "du"}
	fcvtl  = instruction{"FCVTL", 0x0e617800, 0, "du"}  // the first two singles as doubles
	fcvtl2 = instruction{"FCVTL2", 0x4e617800, 0, "du"} // the last two
	scvtf  = instruction{"SCVTF", 0x4e21d800, 0x4e61d800, "du"}
	dup    = instruction{"DUP", 0x4e040400, 0x4e080400, "du"} // of lane 0
	zip1   = instruction{"ZIP1", 0x4e803800, 0x4ec03800, "duu"}
	zip2   = instruction{"ZIP2", 0x4e807800, 0x4ec07800, "duu"}
	trn1   = instruction{"TRN1", 0x4e802800, 0x4ec02800, "duu"}
	trn2   = instruction{"TRN2", 0x4e806800, 0x4ec06800, "duu"}
	uzp1   = instruction{"UZP1", 0x4e801800, 0x4ec01800, "duu"}
	uzp2   = instruction{"UZP2", 0x4e805800, 0x4ec05800, "duu"}
	add    = instruction{"ADD", 0x4ea08400, 0x4ee08400, "duu"} // of integers
	sub    = instruction{"SUB", 0x6ea08400, 0x6ee08400, "duu"}
	mul    = instruction{"MUL", 0x4ea09c00, 0, "duu"}
	cmtst  = instruction{"CMTST", 0x4ea08c00, 0x4ee08c00, "duu"}
	rev64  = instruction{"REV64", 0x4ea00800, 0, "du"}
	and    = instruction{"AND", 0x4e201c00, 0x4e201c00, "duu"} // of bits
	orr    = instruction{"ORR", 0x4ea01c00, 0x4ea01c00, "duu"}
	eor    = instruction{"EOR", 0x6e201c00, 0x6e201c00, "duu"}
	// where the result has ones the first, else the other
	bsl = instruction{"BSL", 0x6e601c00, 0x6e601c00, "buu"}
	bit = instruction{"BIT", 0x6ea01c00, 0x6ea01c00, "buu"} // takes the first where the second has ones

	allInstructions = []instruction{
		fadd, fsub, fmul, fdiv, fmax, fmin, fmla, fmls, faddp, fmaxp, fcmgt, fsqrt, fabs, fneg, fcvtl, fcvtl2,
		scvtf,
		dup, zip1, zip2, trn1, trn2, uzp1, uzp2, add, sub, mul, cmtst, rev64, and, orr, eor, bsl, bit,
	}
)

// sized is the kernel that is being written, with instructions for elements of a size.
type sized struct {
	*neon
	size int
}

// as is for instructions on elements of another size than those of the kernel.
func (n *neon) as(size int) sized { return sized{n, size} }

// do emits an instruction; the result comes first, then its operands.
func (n *neon) do(i instruction, registers ...register) { n.as(n.size).do(i, registers...) }

// of returns the result of an instruction in a new register.
func (n *neon) of(i instruction, operands ...register) register {
	return n.as(n.size).of(i, operands...)
}

func (n sized) do(i instruction, registers ...register) {
	size := n.size
	n.lines = append(n.lines, line{roles: i.roles, registers: registers, word: func(numbers []int) string {
		return i.encode(size, numbers)
	}})
	if len(i.roles) != len(registers) {
		panic("operands of " + i.name)
	}
}

func (n sized) of(i instruction, operands ...register) register {
	v := n.vector()
	n.do(i, append([]register{v}, operands...)...)
	return v
}

// copy returns a register of its own with the same contents.
func (n *neon) copy(v register) register { return n.of(orr, v, v) }

// encode writes an instruction for the assembler.
func (i instruction) encode(size int, numbers []int) string {
	word, form := i.single, "S4"
	if size == 8 {
		word, form = i.double, "D2"
	}
	if word == 0 {
		panic(i.name + " has no such form")
	}
	return encoded(i.name, word, form, numbers)
}

func encoded(name string, word uint32, form string, numbers []int) string {
	comment := name
	for k, number := range numbers {
		word |= uint32(number) << []int{0, 5, 16}[k]
		separator := " "
		if k > 0 {
			separator = ", "
		}
		comment += fmt.Sprintf("%sV%d.%s", separator, number, form)
	}
	return fmt.Sprintf("WORD $0x%08x // %s", word, comment)
}

// byLane, byLaneAdd and byLaneSubtract multiply by one lane of a register.
var (
	byLane         = instruction{"FMUL", 0x4f809000, 0x4fc09000, "duu"}
	byLaneAdd      = instruction{"FMLA", 0x4f801000, 0x4fc01000, "buu"}
	byLaneSubtract = instruction{"FMLS", 0x4f805000, 0x4fc05000, "buu"}
)

// multiplyLane emits dst = x·y[lane], or adds or subtracts that.
func (n *neon) multiplyLane(i instruction, dst, x, y register, lane int) {
	word, form := i.single|uint32(lane&1)<<21|uint32(lane>>1)<<11, "S4"
	if n.size == 8 {
		word, form = i.double|uint32(lane)<<11, "D2"
	}
	n.lines = append(n.lines, line{
		roles: i.roles, registers: []register{dst, x, y}, word: func(k []int) string {
			return encoded(i.name, word, form, k) + fmt.Sprintf("[%d]", lane)
		},
	})
}

// shiftLeft and shiftRight return the lanes, as unsigned integers, shifted by so many bits.
func (n *neon) shiftLeft(v register, by int) register {
	return n.of(instruction{fmt.Sprint("SHL $", by, ","), 0x4f005400 | uint32(32+by)<<16,
		0x4f005400 | uint32(64+by)<<16, "du"}, v)
}

func (n *neon) shiftRight(v register, by int) register {
	return n.of(instruction{fmt.Sprint("USHR $", by, ","), 0x6f000400 | uint32(64-by)<<16,
		0x6f000400 | uint32(128-by)<<16, "du"}, v)
}

// loadIndexed and storeIndexed move the vector so many bytes behind a pointer.
func (n *neon) loadIndexed(pointer, offset register) register {
	v := n.vector()
	n.lines = append(n.lines, line{roles: "duu", registers: []register{v, pointer, offset},
		word: func(k []int) string {
			return indexedMove("LDR", 0x3ce06800, k)
		}})
	return v
}

func (n *neon) storeIndexed(v, pointer, offset register) {
	n.lines = append(n.lines, line{roles: "uuu", registers: []register{v, pointer, offset},
		word: func(k []int) string {
			return indexedMove("STR", 0x3ca06800, k)
		}})
}

func indexedMove(name string, word uint32, k []int) string {
	word |= uint32(k[0]) | uint32(k[1])<<5 | uint32(k[2])<<16
	return fmt.Sprintf("WORD $0x%08x // %s Q%d, (R%d)(R%d)", word, name, k[0], k[1], k[2])
}
