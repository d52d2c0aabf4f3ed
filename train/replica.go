package train

import (
	"slices"
	"strconv"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train/metric"
)

// plan is what the graph of one micro-batch is built from.
type plan struct {
	forward  forward
	loss     losses.Loss // nil: the graph ends with the prediction
	spec     Spec        // of the data
	micro    int         // examples of a graph
	training bool
	groups   groups
	teacher  *teaching // nil: none
	taps     bool      // whether what the model taps is read
	overlap  bool      // whether gradients are read while the graph runs
	tokens   bool      // with taps: also the tokens that each attention gets
}

// forward makes a model's prediction (B, ...) of its inputs.
type forward func(s *nn.Scope, inputs []*G.Node) (*G.Node, error)

// call calls a Forward that a user gave.
func (f forward) call(s *nn.Scope, inputs []*G.Node) (prediction *G.Node, err error) {
	defer foreign.Recover(&err, "Forward", f)
	return f(s, inputs)
}

// replica is one graph with its machine and the memory of its inputs. It belongs to one goroutine; replicas
// over one Store share weights.
type replica[T op.Float] struct {
	plan
	inputs []*tensor.Dense // (micro, ...)
	target []T             // as the loss takes it; nil without
	form   targetForm
	width  int // values of one prediction

	program    *op.Program
	scope      *nn.Scope
	prediction *G.Node
	cost       *G.Node    // the loss, summed over the rows; nil without
	grads      []gradient // of the parameters that are trained; none in a graph that evaluates
	buckets    []span     // of grads; with overlap, ready is told of each as soon as a run has computed it
	ready      func(bucket int)

	teaching *replica[T] // of the teacher; nil: none
	taught   []T         // (micro, width), the teacher's logits
}

// gradient is a trained parameter with the node of its gradient.
type gradient struct {
	*nn.Param
	node *G.Node
}

// newReplica builds a graph. Graphs are built one after the other: Gorgonia shares state between graphs that
// are being built.
func newReplica[T op.Float](p plan, st *nn.Store) (*replica[T], error) {
	r := &replica[T]{plan: p}
	var err error
	r.program, err = op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) { return r.build(g, st) })
	if err != nil {
		return nil, errors.WithMessage(err, "train: build the model")
	}
	if r.training {
		for _, leaf := range r.trained() {
			r.grads = append(r.grads, gradient{leaf.Param, r.program.GradNode(leaf.Node)})
		}
	}
	if p.teacher != nil {
		if r.teaching, err = newReplica[T](p.teacher.plan(p), p.teacher.store); err != nil {
			r.close()
		}
	}
	return r, err
}

// newReplicas builds so many graphs, which have to ask for the same parameters in the same order.
func newReplicas[T op.Float](p plan, st *nn.Store, count int) (replicas []*replica[T], err error) {
	defer func() {
		if err != nil {
			for _, r := range replicas {
				r.close()
			}
		}
	}()
	for range count {
		r, err := newReplica[T](p, st)
		if err != nil {
			return replicas, err
		}
		replicas = append(replicas, r)
		if err := checkNames(replicas[0].scope, r.scope); err != nil {
			return replicas, err
		}
		for i, g := range r.grads {
			if first := replicas[0].grads[i]; first.Name != g.Name {
				return replicas, errors.Errorf("train: the model asks for the parameter %s before %s in one "+
					"graph and behind it in another, want one order", first.Name, g.Name)
			}
		}
	}
	return replicas, nil
}

// build fills the graph; it may be called more than once.
func (r *replica[T]) build(g *G.ExprGraph, st *nn.Store) (out op.Outputs, err error) {
	r.scope = nn.NewEvalScope(g, st)
	if r.training {
		r.scope = nn.NewScope(g, st)
	}
	r.inputs = nil
	var inputs []*G.Node
	for i, shape := range r.spec.Inputs {
		shape = append(tensor.Shape{r.micro}, shape...)
		if err := op.CheckShape(shape); err != nil {
			return out, errors.WithMessagef(err, "input %d", i)
		}
		t, n := inputOf[T](g, "input "+strconv.Itoa(i), shape)
		r.inputs, inputs = append(r.inputs, t), append(inputs, n)
	}
	if r.prediction, err = r.forward.call(r.scope, inputs); err != nil {
		return out, err
	}
	if err := r.checkPrediction(); err != nil {
		return out, err
	}
	r.width = r.prediction.Shape().TotalSize() / r.micro
	out.Keep = G.Nodes{r.prediction}
	if r.taps {
		for _, tap := range r.scope.Taps() {
			if tap.Kind != nn.TapTokens || r.tokens {
				out.Keep = append(out.Keep, tap.Node)
			}
		}
	}
	if r.loss == nil || r.spec.Target == NoTarget {
		return out, nil
	}
	if r.cost, err = r.addLoss(g); err != nil {
		return out, err
	}
	if !r.training {
		out.Keep = append(out.Keep, r.cost)
		return out, nil
	}
	out.Cost = r.cost
	var sizes []int
	for _, leaf := range r.trained() {
		out.WRT = append(out.WRT, leaf.Node)
		sizes = append(sizes, leaf.Value.Shape().TotalSize())
	}
	r.buckets = bucketsOf(sizes, r.overlap)
	if r.overlap {
		out.Ready = &op.Ready{Call: func(bucket int) { r.ready(bucket) }}
		for _, b := range r.buckets {
			out.Ready.Groups = append(out.Ready.Groups, out.WRT[b.from:b.to])
		}
	}
	switch {
	case len(out.WRT) == 0 && len(r.scope.Trained()) > 0:
		return out, errors.New("freeze leaves no parameter to train")
	case len(out.WRT) == 0:
		return out, errors.New("the model has no parameter to train")
	}
	return out, nil
}

// trained returns the parameters that the graph trains: those of the model but for the frozen ones.
func (r *replica[T]) trained() []nn.Leaf {
	return slices.DeleteFunc(r.scope.Trained(), func(l nn.Leaf) bool { return r.groups.frozen(l.Name) })
}

func (r *replica[T]) checkPrediction() error {
	if r.prediction == nil {
		return errors.New("the model's prediction is nil")
	}
	if err := op.CheckNode(r.prediction); err != nil {
		return errors.WithMessage(err, "the model's prediction")
	}
	s := r.prediction.Shape()
	if r.spec.Target.labelled() && (s.Dims() != 2 || s[0] != r.micro) {
		return errors.Errorf("the model's prediction has shape %v, want logits (%d, classes)", s, r.micro)
	}
	if s.Dims() < 1 || s[0] != r.micro || r.prediction.Dtype() != r.spec.Dtype {
		return errors.Errorf("the model's prediction is %v of shape %v, want %v of shape (%d, ...)",
			r.prediction.Dtype(), s, r.spec.Dtype, r.micro)
	}
	return nil
}

// addLoss adds the summed loss to the graph.
func (r *replica[T]) addLoss(g *G.ExprGraph) (*G.Node, error) {
	var err error
	if r.form, err = formOf(r.loss, r.spec, r.prediction.Shape()); err != nil {
		return nil, err
	}
	t, target := inputOf[T](g, "targets", r.form.shape)
	if r.target, err = op.Elements[T](t); err != nil {
		return nil, err
	}
	if r.teacher == nil {
		return sumOf(r.loss, r.prediction, target)
	}
	t, taught := inputOf[T](g, "taught", r.prediction.Shape())
	if r.taught, err = op.Elements[T](t); err != nil {
		return nil, err
	}
	d := losses.Distillation{Loss: r.loss, Weight: r.teacher.Weight, Temperature: r.teacher.Temperature}
	return d.Sum(r.prediction, target, taught)
}

// sumOf calls a loss that a user gave.
func sumOf(l losses.Loss, prediction, target *G.Node) (sum *G.Node, err error) {
	defer foreign.Recover(&err, "loss", l)
	if sum, err = l.Sum(prediction, target); err == nil && sum == nil {
		err = errors.Errorf("the loss %T gives no node and no error", l)
	}
	return sum, err
}

func (r *replica[T]) close() {
	r.program.Close()
	if r.teaching != nil {
		r.teaching.close()
	}
}

// inputOf returns a leaf and the tensor that is its value.
func inputOf[T op.Float](g *G.ExprGraph, name string, shape tensor.Shape) (*tensor.Dense, *G.Node) {
	t := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(make([]T, shape.TotalSize())))
	return t, G.NewTensor(g, op.DtypeOf[T](), shape.Dims(), G.WithName(name), G.WithShape(shape...),
		G.WithValue(t))
}

// run computes the graph for the micro-batch in its inputs. The results are in the nodes until the next run.
func (r *replica[T]) run(m *microbatch[T]) error {
	r.scope.Random().SetRows(m.keys)
	if r.teaching != nil {
		if err := teach(r.teacher, r.teaching, m, r.taught); err != nil {
			return m.nameRows(blameWeights("the teacher: ", r.teacher.store, err))
		}
	}
	return m.nameRows(r.program.Run())
}

// sumLoss returns the loss of the last run, and how many of its rows are classified as labelled.
func (r *replica[T]) sumLoss(m *microbatch[T]) (loss float64, correct int, err error) {
	if r.cost == nil {
		return 0, 0, nil
	}
	sum, err := op.Elements[T](r.cost.Value())
	if err != nil {
		return 0, 0, err
	}
	loss = float64(sum[0])
	if loss-loss != 0 { // which built-in losses say themselves, but not of their sum
		return 0, 0, m.nameRows(errors.Errorf("the loss is %v, want a finite one", loss))
	}
	if !r.spec.Target.labelled() {
		return loss, 0, nil
	}
	logits, err := op.Elements[T](r.prediction.Value())
	if err != nil {
		return 0, 0, err
	}
	for i, label := range m.Labels {
		if metric.Largest(logits[i*r.width:(i+1)*r.width]) == label {
			correct++
		}
	}
	return loss, correct, nil
}

// copyGrads writes the gradients of a bucket to dst, one after the other.
func (r *replica[T]) copyGrads(bucket span, dst []T) error {
	for _, g := range r.grads[bucket.from:bucket.to] {
		grad, err := op.Elements[T](g.node.Value())
		if err != nil {
			return err
		}
		dst = dst[copy(dst, grad):]
	}
	return nil
}
