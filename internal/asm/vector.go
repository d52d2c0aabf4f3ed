package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// arch is an instruction set and an element type: what a kernel is generated for.
type arch struct {
	avx512 bool
	bytes  int // of a vector
	size   int // of an element, 4 or 8
}

func (a arch) lanes() int { return a.bytes / a.size }

// name is the Go name of a kernel for this arch, such as avx512Add32.
func (a arch) name(kernel string) string {
	isa := "avx2"
	if a.avx512 {
		isa = "avx512"
	}
	return fmt.Sprintf("%s%s%d", isa, kernel, a.size*8)
}

// text begins a kernel. In the signature T stands for the element type.
func (a arch) text(kernel, params, result string) {
	element := fmt.Sprintf("float%d", a.size*8)
	expand := func(s string) string {
		out := ""
		for _, c := range s {
			if c == 'T' {
				out += element
			} else {
				out += string(c)
			}
		}
		return out
	}
	TEXT(a.name(kernel), 4 /* NOSPLIT */, "func("+expand(params)+")"+expand(result))
	Pragma("noescape")
}

// end returns from a kernel.
func end() {
	VZEROUPPER()
	RET()
}

func (a arch) vec() reg.VecVirtual {
	switch a.bytes {
	case 64:
		return ZMM()
	case 32:
		return YMM()
	}
	return XMM()
}

// pointer and length load the parts of a slice parameter.
func pointer(name string) reg.GPVirtual { return Load(Param(name).Base(), GP64()).(reg.GPVirtual) }
func length(name string) reg.GPVirtual  { return Load(Param(name).Len(), GP64()).(reg.GPVirtual) }
func param(name string) reg.GPVirtual   { return Load(Param(name), GP64()).(reg.GPVirtual) }

// address is where a parameter or a result lies in the frame.
func address(c gotypes.Component) Mem {
	b, err := c.Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// scalar broadcasts a parameter.
func (a arch) scalar(name string) reg.VecVirtual {
	v := a.vec()
	a.broadcast(v, address(Param(name)))
	return v
}

// result stores lane 0 as the only result.
func (a arch) result(v reg.VecVirtual) {
	a.pick(VMOVSS, VMOVSD)(v.AsX(), address(ReturnIndex(0)))
}

func (a arch) pick(single, double func(...Op)) func(...Op) {
	if a.size == 4 {
		return single
	}
	return double
}

// operation is one instruction in single and double precision, with its forms that broadcast a memory
// operand.
type operation struct{ single, double, singleConst, doubleConst func(...Op) }

var (
	opAdd     = operation{VADDPS, VADDPD, VADDPS_BCST, VADDPD_BCST}
	opSub     = operation{VSUBPS, VSUBPD, VSUBPS_BCST, VSUBPD_BCST}
	opMul     = operation{VMULPS, VMULPD, VMULPS_BCST, VMULPD_BCST}
	opDiv     = operation{VDIVPS, VDIVPD, VDIVPS_BCST, VDIVPD_BCST}
	opMax     = operation{VMAXPS, VMAXPD, VMAXPS_BCST, VMAXPD_BCST}
	opMin     = operation{VMINPS, VMINPD, VMINPS_BCST, VMINPD_BCST}
	opAnd     = operation{VANDPS, VANDPD, VANDPS_BCST, VANDPD_BCST}
	opOr      = operation{VORPS, VORPD, VORPS_BCST, VORPD_BCST}
	opFMA     = operation{VFMADD231PS, VFMADD231PD, VFMADD231PS_BCST, VFMADD231PD_BCST}
	opFNMA    = operation{VFNMADD231PS, VFNMADD231PD, VFNMADD231PS_BCST, VFNMADD231PD_BCST}
	opFMS     = operation{VFMSUB231PS, VFMSUB231PD, VFMSUB231PS_BCST, VFMSUB231PD_BCST}
	opHorner  = operation{VFMADD213PS, VFMADD213PD, VFMADD213PS_BCST, VFMADD213PD_BCST}
	constants = map[string]Mem{}
)

// constant is a memory operand that holds the same number for every lane.
type constant struct{ Mem }

// emit writes dst = x op y, or dst = dst ± x·y for the fused ones. y may be a constant. Of the two operands
// of opMax and opMin y is the result if either is NaN.
func (a arch) emit(o operation, dst, x, y Op) {
	c, isConst := y.(constant)
	switch {
	case !isConst:
		a.pick(o.single, o.double)(y, x, dst)
	case a.avx512:
		a.pick(o.singleConst, o.doubleConst)(c.Mem, x, dst)
	default:
		a.pick(o.single, o.double)(c.Mem, x, dst)
	}
}

func (a arch) number(x float64) constant {
	if a.size == 4 {
		return a.bits(uint64(math.Float32bits(float32(x))))
	}
	return a.bits(math.Float64bits(x))
}

// bits puts a constant into the data section, once: a single element for AVX-512, which broadcasts it, and a
// vector for AVX2.
func (a arch) bits(x uint64) constant {
	name := fmt.Sprintf("const%dx%x", a.size*8, x)
	if m, ok := constants[name]; ok {
		return constant{m}
	}
	m := GLOBL(name, 8|16 /* RODATA|NOPTR */)
	count := 1
	if !a.avx512 {
		count = a.lanes()
	}
	for i := range count {
		if a.size == 4 {
			DATA(i*4, U32(x))
		} else {
			DATA(i*8, U64(x))
		}
	}
	constants[name] = m
	return constant{m}
}

func (a arch) broadcast(dst reg.VecVirtual, m Op) {
	if a.bytes == 16 && a.size == 8 {
		VMOVDDUP(m, dst)
		return
	}
	a.pick(VBROADCASTSS, VBROADCASTSD)(m, dst)
}

// set returns a new register that holds a constant.
func (a arch) set(c constant) reg.VecVirtual {
	v := a.vec()
	a.broadcast(v, c.Mem)
	return v
}

func (a arch) zero() reg.VecVirtual {
	v := a.vec()
	VXORPS(v, v, v)
	return v
}

func (a arch) copy(x reg.VecVirtual) reg.VecVirtual {
	v := a.vec()
	a.pick(VMOVAPS, VMOVAPD)(x, v)
	return v
}

// reduce combines all lanes of v by o, in a fixed tree, and leaves the result in every lane.
func (a arch) reduce(v reg.VecVirtual, o operation) {
	t := a.vec()
	if a.bytes == 64 {
		VSHUFF64X2(Imm(0x4e), v, v, t)
		a.emit(o, v, v, t)
		VSHUFF64X2(Imm(0xb1), v, v, t)
		a.emit(o, v, v, t)
	} else {
		VPERM2F128(Imm(1), v, v, t)
		a.emit(o, v, v, t)
	}
	if a.size == 8 {
		VPERMILPD(Imm(0x55), v, t)
		a.emit(o, v, v, t)
		return
	}
	VPERMILPS(Imm(0x4e), v, t)
	a.emit(o, v, v, t)
	VPERMILPS(Imm(0xb1), v, t)
	a.emit(o, v, v, t)
}

// selectLess sets dst = x < y ? yes : no, lane by lane.
func (a arch) selectLess(dst, x, y, yes, no reg.VecVirtual) {
	if a.avx512 {
		k := K()
		a.pick(VCMPPS, VCMPPD)(Imm(0x11), y, x, k)
		a.pick(VBLENDMPS, VBLENDMPD)(yes, no, k, dst)
		return
	}
	t := a.vec()
	a.pick(VCMPPS, VCMPPD)(Imm(0x11), y, x, t)
	if a.size == 4 {
		VBLENDVPS(t, yes, no, dst)
	} else {
		VBLENDVPD(t, yes, no, dst)
	}
}
