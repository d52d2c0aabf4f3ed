package optimizers

import (
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// bank holds the moments of all parameters of one dtype.
type bank[T op.Float] struct {
	apply func(Step[T])
	names []string            // of the moments
	slots map[string]*slot[T] // by parameter; nil before the first step
}

// slot holds the moments of one parameter.
type slot[T op.Float] struct {
	size    int
	moments [][]T
	attempt int // the last Update that met it: meeting it twice in one means two parameters of that name
}

// open makes the moments of a parameter's first step.
func (b *bank[T]) open(p Param) {
	value, _, _ := read[T](p) // globalNorm has read it, as for all that follow
	s := &slot[T]{size: len(value), moments: make([][]T, len(b.names))}
	for i := range s.moments {
		s.moments[i] = make([]T, len(value))
	}
	b.slots[p.Name] = s
}

// check reports whether the parameter is one of those of the first step, met once in this attempt.
func (b *bank[T]) check(p Param, attempt int) error {
	s, known := b.slots[p.Name]
	if !known {
		return errors.Errorf("%v parameter %s was not there before; a new set needs a new optimizer",
			p.Value.Dtype(), p.Name)
	}
	if value, _, _ := read[T](p); len(value) != s.size {
		return errors.Errorf("parameter %s has %d elements, %d before", p.Name, len(value), s.size)
	}
	if s.attempt == attempt {
		return errors.Errorf("two parameters are named %s", p.Name)
	}
	s.attempt = attempt
	return nil
}

func (b *bank[T]) update(p Param, step Step[T]) {
	step.Value, step.Grad, _ = read[T](p)
	step.Moments = b.slots[p.Name].moments
	step.NoDecay, step.Name, step.Shape = p.NoDecay, p.Name, p.Value.Shape()
	b.apply(step)
}

func (b *bank[T]) save(into map[string]*tensor.Dense) {
	for param, s := range b.slots {
		for i, m := range s.moments {
			into[b.names[i]+"."+param] = tensor.New(tensor.WithShape(s.size),
				tensor.WithBacking(slices.Clone(m)))
		}
	}
}

// load takes a copy of one moment under its name in a State.
func (b *bank[T]) load(name string, t *tensor.Dense) error {
	moment, param, _ := strings.Cut(name, ".")
	i := slices.Index(b.names, moment)
	if i < 0 {
		return errors.Errorf("no such moment here, want %v", b.names)
	}
	m, err := op.Elements[T](t)
	if err != nil {
		return err
	}
	s := b.slots[param]
	if s == nil {
		s = &slot[T]{size: len(m), moments: make([][]T, len(b.names))}
		b.slots[param] = s
	}
	if len(m) != s.size {
		return errors.Errorf("%d elements, another moment of %s has %d", len(m), param, s.size)
	}
	s.moments[i] = slices.Clone(m)
	return nil
}

// complete reports a parameter that lacks a moment.
func (b *bank[T]) complete() error {
	for param, s := range b.slots {
		for i, m := range s.moments {
			if m == nil {
				return errors.Errorf("%s.%s is missing", b.names[i], param)
			}
		}
	}
	return nil
}
