package qasm

// assigned returns the variables of bits that statements assign, each with its place in the program.
func (r *reader) assigned(pos position, bodies ...[]stmt) []*symbol {
	var out []*symbol
	seen := map[*symbol]bool{}
	add := func(e *expr) {
		for e != nil && e.op == opIndex {
			e = e.args[0]
		}
		if e == nil || e.op != opName {
			return
		}
		s := r.scope.find(e.text)
		if s != nil && !seen[s] && (s.typ == "bit" || s.typ == "bool") && !s.fixed {
			seen[s] = true
			out = append(out, s)
			r.hold(pos, s)
		}
	}
	var walk func(body []stmt)
	walk = func(body []stmt) {
		for _, s := range body {
			switch s := s.(type) {
			case *measureStmt:
				add(s.target)
			case *assignStmt:
				add(s.target)
			case *blockStmt:
				walk(s.body)
			case *ifStmt:
				walk(s.then)
				walk(s.els)
			case *forStmt:
				walk(s.body)
			case *whileStmt:
				walk(s.body)
			case *switchStmt:
				for _, c := range s.cases {
					walk(c.body)
				}
			}
		}
	}
	for _, body := range bodies {
		walk(body)
	}
	return out
}

// runs tells whether the condition is about bits that the program holds and the body assigns.
func (r *reader) runs(s *whileStmt) bool {
	names := map[string]bool{}
	var walk func(e *expr)
	walk = func(e *expr) {
		if e == nil {
			return
		}
		if e.op == opName {
			names[e.text] = true
		}
		for _, a := range e.args {
			walk(a)
		}
	}
	walk(s.cond)
	held := map[*symbol]bool{}
	for name := range names {
		if sym := r.scope.find(name); sym != nil && sym.slots != nil {
			held[sym] = true
		}
	}
	if len(held) == 0 {
		return false
	}
	for _, sym := range r.assigned(s.position, s.body) {
		if held[sym] {
			return true
		}
	}
	return false
}
