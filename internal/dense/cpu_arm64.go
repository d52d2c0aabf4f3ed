package dense

// available returns the sets that this machine can run, best first. Go runs on no arm64 machine without NEON.
func available() []set { return []set{{"neon", &neonSet32, &neonSet64}, generic} }
