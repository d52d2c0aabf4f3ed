package main

func (n *neon) tile() {}
