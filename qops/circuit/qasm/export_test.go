package qasm

// LimitSteps lowers the limit of steps, and with it that of gates, so that no program takes long.
func LimitSteps(n int) { maxSteps = n }
