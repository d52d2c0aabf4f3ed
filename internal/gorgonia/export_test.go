package gorgonia

// ChildrenByGraph is the fallback of Children.
var ChildrenByGraph = childrenByGraph

// ReadsChildren is whether Children reads them from the node.
func ReadsChildren() bool { return childrenField.known }
