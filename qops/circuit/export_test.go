package circuit

// Builder returns what the row says of the method of Circuit: its name and parameters.
func (g Gate) Builder() string { return g.data().builder }
