package qasm

// expr is a node of an expression, of an operand or of an index.
type expr struct {
	pos    position
	op     op
	text   string // a name; the sign of an operator
	args   []*expr
	number literal
	typ    *typeSpec // of a cast
}

type op uint8

const (
	opNumber op = iota
	opTime
	opBits     // a text of 0 and 1
	opBool     // true, false
	opName     // text
	opHardware // $0
	opUnary    // text of args[0]
	opBinary   // args[0] text args[1]
	opCall     // text(args)
	opCast     // typ(args[0])
	opIndex    // args[0][args[1:]]
	opRange    // start : step : stop, any of them nil
	opSet      // {args}
	opMeasure  // of args[0]
	opDuration // of a block
)

// typeSpec is a classical type as it is written.
type typeSpec struct {
	pos    position
	access string // readonly, mutable, "": not said
	name   string // bit, int, uint, float, angle, bool, duration, stretch, array, …
	size   *expr  // nil: none
	base   *typeSpec
	dims   []*expr // of an array
}

// modifier of a gate.
type modifier struct {
	pos  position
	name string // inv, pow, ctrl, negctrl
	arg  *expr  // nil: none
}

// stmt is a statement.
type stmt interface{ at() position }

func (p position) at() position { return p }

type (
	callStmt struct { // of a gate, or of a subroutine in the form of one
		position
		modifiers []modifier
		name      string
		args      []*expr
		operands  []*expr
	}
	measureStmt struct {
		position
		source, target *expr // target may be nil
	}
	quantumStmt struct { // reset, barrier, delay, nop
		position
		name     string
		length   *expr
		operands []*expr
		all      bool // of a barrier without operands
	}
	qubitStmt struct {
		position
		name string
		size *expr // nil: a single one
	}
	declareStmt struct {
		position
		typ  *typeSpec
		name token
		init *expr  // nil: none
		mode string // "", const, input, output
	}
	aliasStmt struct {
		position
		name  token
		parts []*expr
	}
	assignStmt struct {
		position
		target *expr
		op     string // "" or that of a compound assignment
		value  *expr
	}
	exprStmt struct {
		position
		value *expr
	}
	blockStmt struct {
		position
		body []stmt
	}
	ifStmt struct {
		position
		cond      *expr
		then, els []stmt
	}
	forStmt struct {
		position
		typ  *typeSpec
		name token
		over *expr
		body []stmt
	}
	whileStmt struct {
		position
		cond *expr
		body []stmt
	}
	switchStmt struct {
		position
		value *expr
		cases []switchCase
	}
	jumpStmt struct { // break, continue, end
		position
		name string
	}
	returnStmt struct {
		position
		value *expr // may be nil
	}
	gateStmt struct {
		position
		name           string
		params, qubits []string
		body           []stmt
		opaque         bool
		known          map[string]definition // the gates that the body calls, as they were when it was defined
	}
	defStmt struct {
		position
		name   string
		params []param
		result *typeSpec // nil: none
		body   []stmt
		extern bool
	}
	includeStmt struct {
		position
		file string
	}
	noteStmt struct { // something that is left out
		position
		text         string
		gate         string // a calibrated gate
		args, qubits int
	}
)

// switchCase has no labels if it is the default.
type switchCase struct {
	labels []*expr
	body   []stmt
}

// param of a subroutine: a classical one, or qubits.
type param struct {
	name   token
	typ    *typeSpec
	qubits bool
	size   *expr // of qubits, nil: a single one
}
