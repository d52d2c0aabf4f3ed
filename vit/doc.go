// Package vit holds the two models that this project compares: HQViT, a vision transformer whose attention coefficients come from a quantum
// circuit, and the classical vision transformer. Both are one encoder; they differ in the attention score of its blocks and in nothing else.
//
//	cfg, err := vit.Named("hqvit-s")
//	model, err := vit.New(cfg)                      // an nn.Layer: (B, C, S, S) -> (B, classes)
//	logits, err := model.Forward(scope, images)
//
// Source of HQViT: arXiv 2504.02730. Source of the ViT: Dosovitskiy et al., arXiv 2010.11929.
package vit
