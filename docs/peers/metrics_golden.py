#!/usr/bin/python3
"""Golden numbers for metric.Classify from scikit-learn, on probabilities with many ties; with classes that are never predicted and one
that never occurs: it has no precision, recall or F1, and counts in no mean.

    /usr/bin/python3 docs/peers/metrics_golden.py > train/metric/testdata/metrics_golden.json

Area under the curve: roc_auc_score of each class against the rest, averaged over the classes that have it; of class 1 for two classes. Macro F1 is
f1_score over the classes with an image, balanced accuracy balanced_accuracy_score. The calibration error has no function there: its bins are numpy.digitize of the largest
probability over 15 equal intervals, closed on the right.
"""
import json
import warnings
import numpy as np
import sklearn
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score, precision_score, recall_score, roc_auc_score

warnings.simplefilter("ignore")  # of classes that are never predicted


def case(name, rng, n, classes, used, steps):
    """Probabilities are whole multiples of 1/steps, so that many are equal, and exact in decimal if steps is."""
    p = np.stack([rng.multinomial(steps, np.full(classes, 1 / classes)) for _ in range(n)]) / steps
    if used < classes - 1:
        p[:, used - 1], p[:, classes - 1] = p[:, used - 1] + p[:, classes - 1], 0  # the last class is never predicted
    y = rng.integers(0, used, n)
    y[:used] = np.arange(used)
    taken = p.argmax(1)  # the first of equals
    auc = [roc_auc_score(y == c, p[:, c]) for c in (range(1, 2) if classes == 2 else range(classes)) if 0 < (y == c).sum() < n]
    sure = p.max(1)
    bins = np.digitize(sure, np.arange(1, 15) / 15, right=True)
    error = sum(abs(sure[bins == b].sum() - (taken == y)[bins == b].sum()) for b in range(15)) / n
    labels, there = list(range(classes)), np.isin(np.arange(classes), y)
    of_each = lambda score: [v if there[c] else None for c, v in enumerate(score(y, taken, labels=labels, average=None, zero_division=0).tolist())]
    return {
        "name": name, "classes": classes, "probabilities": p.ravel().tolist(), "labels": y.tolist(),
        "accuracy": float((taken == y).mean()), "balanced_accuracy": balanced_accuracy_score(y, taken), "macro_f1": f1_score(y, taken, labels=np.unique(y), average="macro"),
        "auc": float(np.mean(auc)), "calibration_error": float(error),
        "precision": of_each(precision_score), "recall": of_each(recall_score), "f1": of_each(f1_score),
        "confusion": confusion_matrix(y, taken, labels=labels).tolist(),
    }


rng = np.random.default_rng(7)
cases = [
    case("two classes", rng, 60, 2, 2, 8), case("ten classes", rng, 120, 10, 10, 16), case("a class without images", rng, 50, 5, 4, 10),
    case("classes without images or predictions", rng, 40, 6, 4, 12), case("three classes, three values", rng, 33, 3, 3, 2),
]
print(json.dumps({"scikit-learn": sklearn.__version__, "numpy": np.__version__, "cases": cases}))
