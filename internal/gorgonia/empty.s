// A function without a body, as direct.go has, needs an assembly file in its package.
