package train

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/gorgonia"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// plan is what a graph of one micro-batch is built of.
type plan struct {
	model          nn.Layer
	loss           losses.Loss // nil: the graph ends with the logits
	micro          int         // images of a graph
	channels, size int         // of an image
	targets        int         // 0: class indices (B); else class probabilities (B, targets)
	training       bool
	teacher        *teaching // nil: none
	taps           bool      // whether what the model taps is read
}

func (p plan) imageLen() int { return p.channels * p.size * p.size }

// replica is one graph with its machine and the memory of its inputs. It belongs to one goroutine; replicas over one Store share weights.
type replica[T op.Float] struct {
	images  []T // (micro, C, S, S)
	targets []T // (micro) or (micro, classes)
	classes int

	machine *gorgonia.Machine
	scope   *nn.Scope
	logits  *G.Node
	loss    *G.Node
	grads   G.Nodes // of scope.Params(); none in a graph that evaluates

	teaching *teaching // nil: none
	teacher  *replica[T]
	taught   []T // (micro, classes), the teacher's logits
}

// newReplica builds a graph. Graphs are built one after the other: gorgonia shares state between graphs that are being built.
func newReplica[T op.Float](p plan, st *nn.Store) (*replica[T], error) {
	r := &replica[T]{images: make([]T, p.micro*p.imageLen()), targets: make([]T, p.micro*max(p.targets, 1))}
	g, err := op.Build(func(g *G.ExprGraph) error { return r.build(p, g, st) })
	if err != nil {
		return nil, errors.WithMessage(err, "train: build the model")
	}
	if err = op.ShareMemory(r.wanted(p.taps)...); err != nil {
		return nil, err
	}
	if r.machine, err = gorgonia.NewMachine(g, r.wanted(p.taps)...); err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	if p.teacher != nil {
		if r.teacher, err = newReplica[T](p.teacher.plan(p), p.teacher.store); err != nil {
			r.close()
		}
	}
	return r, err
}

// wanted returns the nodes whose values are read after a run.
func (r *replica[T]) wanted(taps bool) G.Nodes {
	nodes := append(G.Nodes{r.logits}, r.grads...)
	if r.loss != nil {
		nodes = append(nodes, r.loss)
	}
	if taps {
		for _, tap := range r.scope.Taps() {
			if tap.Node.Op() != nil { // a leaf has its value anyway
				nodes = append(nodes, tap.Node)
			}
		}
	}
	return nodes
}

func (r *replica[T]) build(p plan, g *G.ExprGraph, st *nn.Store) (err error) {
	r.scope = nn.NewEvalScope(g, st)
	if p.training {
		r.scope = nn.NewScope(g, st)
	}
	shape := tensor.Shape{p.micro}
	if p.targets > 0 {
		shape = tensor.Shape{p.micro, p.targets}
	}
	images := input(g, "images", r.images, tensor.Shape{p.micro, p.channels, p.size, p.size})
	if r.logits, err = p.model.Forward(r.scope, images); err != nil {
		return err
	}
	if s := r.logits.Shape(); s.Dims() != 2 || s[0] != p.micro {
		return errors.Errorf("the model's result has shape %v, want logits (%d, classes)", s, p.micro)
	}
	r.classes = r.logits.Shape()[1]
	if p.loss == nil {
		return nil
	}
	if r.loss, err = r.lossOf(p, input(g, "targets", r.targets, shape)); err != nil || !p.training {
		return err
	}
	if len(r.scope.Params()) == 0 {
		return errors.New("the model has no parameter to train")
	}
	r.grads, err = op.GradFused(r.loss, r.scope.Params()...)
	return err
}

func (r *replica[T]) lossOf(p plan, targets *G.Node) (*G.Node, error) {
	if p.teacher == nil {
		return p.loss.Sum(r.logits, targets)
	}
	r.teaching, r.taught = p.teacher, make([]T, p.micro*r.classes)
	d := losses.Distillation{Loss: p.loss, Weight: p.teacher.Weight, Temperature: p.teacher.Temperature}
	return d.Sum(r.logits, targets, input(targets.Graph(), "taught", r.taught, r.logits.Shape()))
}

func (r *replica[T]) close() {
	r.machine.Close()
	if r.teacher != nil {
		r.teacher.close()
	}
}

// input returns the leaf over some memory of the program's.
func input[T op.Float](g *G.ExprGraph, name string, memory []T, shape tensor.Shape) *G.Node {
	return G.NewTensor(g, op.DtypeOf[T](), shape.Dims(), G.WithName(name), G.WithShape(shape...),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(memory))))
}

// run computes the graph for a micro-batch in its inputs. The results are in the nodes until the next run.
func (r *replica[T]) run(m *micro[T]) error {
	r.scope.Random().SetRows(m.keys)
	if r.teacher != nil {
		if err := teach(r.teaching, r.teacher, m, r.taught); err != nil {
			return m.name(err)
		}
	}
	return m.name(r.machine.Run())
}

// sumLoss returns the loss of the last run, and how many of its rows are classified as labelled.
func (r *replica[T]) sumLoss(m *micro[T]) (loss float64, correct int, err error) {
	sum, err := op.Elements[T](r.loss.Value())
	if err != nil {
		return 0, 0, err
	}
	logits, err := op.Elements[T](r.logits.Value())
	if err != nil {
		return 0, 0, err
	}
	for i, label := range m.labels {
		if largest(logits[i*r.classes:(i+1)*r.classes]) == label {
			correct++
		}
	}
	return float64(sum[0]), correct, nil
}

// copyGrads writes the gradients of the last run to dst, one after the other.
func (r *replica[T]) copyGrads(dst []T) error {
	for _, n := range r.grads {
		grad, err := op.Elements[T](n.Value())
		if err != nil {
			return err
		}
		dst = dst[copy(dst, grad):]
	}
	return nil
}
