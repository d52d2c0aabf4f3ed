# Prints what PyTorch gives for the goldens of this package: python3 testdata/golden.py
# Written for PyTorch 1.13. The task is the one of golden_test.go: two parameters, the second without weight decay, 50 steps in float64.
import torch

torch.set_default_dtype(torch.float64)
sched = torch.optim.lr_scheduler


def train(optimizer, one_cycle=False):
    w = torch.tensor([0.5, -1.25, 2.0, 0.75, -0.1, 3.5], requires_grad=True)
    b = torch.tensor([0.3, -0.7], requires_grad=True)
    opt = optimizer(w, b)
    schedule = sched.OneCycleLR(opt, 0.05, total_steps=50) if one_cycle else None
    for t in range(50):
        w.grad = w.detach() ** 3 - 0.5 * torch.sin(torch.arange(6.0) + t)
        b.grad = torch.cos(3 * b.detach() + t)
        opt.step()
        if schedule and t < 49:
            schedule.step()
    print(w.tolist() + b.tolist())


def groups(w, b, decay):
    return [{"params": [w], "weight_decay": decay}, {"params": [b], "weight_decay": 0.0}]


def adamw(**options):
    return lambda w, b: torch.optim.AdamW(groups(w, b, options.pop("decay", 0.01)), **options)


def sgd(decay, **options):
    return lambda w, b: torch.optim.SGD(groups(w, b, decay), lr=0.05, **options)


train(adamw())
train(adamw(decay=0.1, lr=0.05, betas=(0.8, 0.95), eps=1e-6))
train(adamw(decay=0.1, lr=0.05), one_cycle=True)
train(sgd(0))
train(sgd(0.1, momentum=0.9))
train(sgd(0.1, momentum=0.9, nesterov=True))
train(sgd(0.1, momentum=0.9), one_cycle=True)


def rates(make, steps, **options):
    w = torch.zeros(1, requires_grad=True)
    opt = torch.optim.AdamW([w], lr=1.0, **options)
    schedule = make(opt)
    for t in range(steps):
        group = opt.param_groups[0]
        print((group["lr"], group["betas"][0]), end=", ")
        opt.step()
        if t < steps - 1:
            schedule.step()
    print()


rates(lambda o: sched.OneCycleLR(o, 1.0, total_steps=10), 10)
rates(lambda o: sched.OneCycleLR(o, 1.0, total_steps=7, pct_start=0.5, div_factor=10, final_div_factor=100, base_momentum=0.7, max_momentum=0.9), 7)
rates(lambda o: sched.OneCycleLR(o, 1.0, total_steps=5, cycle_momentum=False), 5)
rates(lambda o: sched.CosineAnnealingLR(o, 6, eta_min=0.1), 6)

# Clipping: the gradients are (3, -4) and (12), the largest norm 6.5.
p, q = torch.zeros(2, requires_grad=True), torch.zeros(1, requires_grad=True)
p.grad, q.grad = torch.tensor([3.0, -4.0]), torch.tensor([12.0])
print(float(torch.nn.utils.clip_grad_norm_([p, q], 6.5)), p.grad.tolist() + q.grad.tolist())
