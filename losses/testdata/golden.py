# Prints what PyTorch gives for the goldens of this package, losses with gradients: python3 testdata/golden.py
# Written for PyTorch 1.13.
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

logits = [[1.5, -0.25, 0.75], [-2.0, 3.0, 0.5], [0.1, 0.2, -0.4], [90.0, -800.0, 10.0]]
labels = torch.tensor([2, 0, -1, 2])
mixed = torch.tensor([[0.25, 0.0, 0.75], [1.0, 0.0, 0.0], [0.5, 0.3, 0.2], [0.0, 0.4, 0.6]])
answers = torch.tensor([[0.0, 1.0, 0.3], [1.0, 1.0, 0.0], [0.5, 0.0, 1.0], [1.0, 0.0, 0.2]])
wanted = torch.tensor([[1.0, 0.5, -1.5], [0.25, 2.0, 3.0], [0.0, -0.5, 1.0], [80.0, -790.0, 12.5]])


def show(loss):
    x = torch.tensor(logits, requires_grad=True)
    value = loss(x)
    value.backward()
    print(value.item(), x.grad.flatten().tolist())


show(lambda x: F.cross_entropy(x, labels, ignore_index=-1))
show(lambda x: F.cross_entropy(x, labels, ignore_index=-1, label_smoothing=0.1, reduction="sum"))
show(lambda x: F.cross_entropy(x, labels, ignore_index=-1, label_smoothing=0.1))
show(lambda x: F.cross_entropy(x, mixed))
show(lambda x: F.cross_entropy(x, mixed, label_smoothing=0.2))
show(lambda x: F.mse_loss(x, wanted))
show(lambda x: F.binary_cross_entropy_with_logits(x, answers))

teacher = torch.tensor([[1.0, 0.5, -1.5], [0.25, 2.0, 3.0], [0.0, -0.5, 1.0], [80.0, -790.0, 12.5]])


def divergence(x, t):
    return t * t * F.kl_div(F.log_softmax(x / t, 1), F.log_softmax(teacher / t, 1), reduction="batchmean", log_target=True)


show(lambda x: divergence(x, 1.0))
show(lambda x: divergence(x, 2.5))
show(lambda x: 0.7 * F.cross_entropy(x, labels.abs(), label_smoothing=0.1) + 0.3 * divergence(x, 2.5))
