package metric

// Figure is one number of a result, by the name that options and tables have for it.
type Figure struct {
	Name  string // accuracy, auc, rmse, …
	Title string // for a report: test AUC
	Value Number
	Lower bool // whether lower is better
}

// Figures returns the figures of classes, the first of which models are chosen and compared by.
func (m *Classification) Figures() []Figure {
	return []Figure{{"accuracy", "accuracy", Number(m.Accuracy), false},
		{"balanced", "balanced accuracy", Number(m.BalancedAccuracy), false}, {"auc", "AUC", m.AUC, false}}
}

// Figures returns the figures of labels, the first of which models are chosen and compared by.
func (m *Labels) Figures() []Figure {
	return []Figure{{"auc", "AUC", m.AUC, false}, {"ap", "average precision", m.AP, false},
		{"f1", "F1", Number(m.F1), false}}
}

// Figures returns the figures of values, the first of which models are compared by.
func (m *Values) Figures() []Figure {
	return []Figure{{"rmse", "RMSE", Number(m.RMSE), true}, {"mae", "MAE", Number(m.MAE), true},
		{"r2", "R²", m.R2, false}}
}
