// Package onnx writes models in the ONNX format (https://onnx.ai), which ONNX Runtime and others run without
// Go.
//
// A Builder collects operators. It knows nothing of Gorgonia and nothing of training: op.Kernel.ONNX says of
// each kernel how it is written with a Builder, and op.Export writes a whole graph:
//
//	ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
//		return b.Mul(in[0], in[0]) // a kernel that squares
//	},
//
// Numbers are written in float32. The batch is one size in a Builder, as it is in a graph, and the name "N"
// in the file: see NewBuilder.
//
// Source: https://github.com/onnx/onnx, onnx.proto and docs/Operators.md.
package onnx
