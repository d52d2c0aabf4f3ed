package study

import (
	"slices"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
)

// recipeDifferences says in one sentence in which options of training the models differ, but for the
// architecture: models with the same ones together. It is empty if they differ in none.
func (r *Results) recipeDifferences() string {
	if len(r.Models) < 2 {
		return ""
	}
	options := make([]map[string]string, len(r.Models))
	for i, m := range r.Models {
		if len(m.Runs) > 0 {
			options[i] = trainingOptions(m.Runs[0].Identity)
		}
	}
	var differing []string
	for _, key := range trainingKeys() {
		for _, o := range options[1:] {
			if o[key] != options[0][key] && !slices.Contains(differing, key) {
				differing = append(differing, key)
			}
		}
	}
	var texts []string
	models := map[string][]string{} // by text
	for i, m := range r.Models {
		var own []string
		for _, key := range differing {
			own = append(own, options[i][key])
		}
		text := strings.Join(own, ", ")
		if models[text] == nil {
			texts = append(texts, text)
		}
		models[text] = append(models[text], m.Name)
	}
	if len(differing) == 0 {
		return ""
	}
	var clauses []string
	for _, text := range texts {
		verb := " has "
		if len(models[text]) > 1 {
			verb = " have "
		}
		clauses = append(clauses, words.List(models[text], "and")+verb+text)
	}
	return "Recipes differ: " + strings.Join(clauses, "; ") + "."
}

// The keys of an identity that are about training, beside those of the recipe.
const (
	augmentationKey  = "train data"
	teacherKey       = "teacher"
	distillationKey  = "distillation"
	normalizationKey = "normalization" // that the command hqvit adds
)

// trainingKeys are the options that recipes are compared by. The seed is not one, and the micro-batch changes
// no more than how sums round.
func trainingKeys() []string {
	keys := slices.DeleteFunc(train.Recipe{}.IdentityKeys(), func(key string) bool {
		return key == "seed" || key == "micro"
	})
	return append(keys, augmentationKey, normalizationKey, teacherKey, distillationKey)
}

// trainingOptions returns the options of a run with their values in words.
func trainingOptions(identity map[string]string) map[string]string {
	options := map[string]string{}
	for _, key := range trainingKeys() {
		value, given := identity[key]
		switch key {
		case augmentationKey:
			options[key] = "augmentation " + value
			if value == "" || value == (train.Images{}).Identity() {
				options[key] = "no augmentation"
			}
		case normalizationKey:
			options[key] = "normalized images"
			if !given {
				options[key] = "images as they are"
			}
		case teacherKey:
			options[key] = "the teacher " + value[:min(8, len(value))]
			if !given {
				options[key] = "no teacher"
			}
		case distillationKey:
			value, _, _ = strings.Cut(value, ", pixels")
			options[key] = "distillation of " + value
			if !given {
				options[key] = "no distillation"
			}
		default:
			options[key] = key + " " + value
			if value == "" {
				options[key] = "no " + key
			}
		}
	}
	return options
}
