// Package vit holds the models that this project compares: HQViT, a vision transformer whose attention
// coefficients come from a quantum circuit, and the classical vision transformer (ViT). Both are one
// Encoder of one Config and differ in its attention score and in nothing else.
//
//	cfg, err := vit.Named("hqvit")                  // vit.Named("vit") is the same with cfg.Score = "dot"
//	model, err := vit.New(cfg)                      // an nn.Layer: (B, C, S, S) -> (B, classes)
//	logits, err := model.Forward(scope, images)
//
// Forward reads top to bottom in encoder.go and block.go.
//
// Source of HQViT: arXiv 2504.02730. Source of the ViT: Dosovitskiy et al., arXiv 2010.11929.
package vit
