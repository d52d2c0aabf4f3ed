package qasm

// LimitSteps lowers the limit of gates and turns of loops, so that no program takes long.
func LimitSteps(n int) { maxSteps = n }
