OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta3;
input float[64] theta0;
input float[64] x2;
input float[64] theta1;
input float[64] theta4;
gate rxyz(a0) q0, q1, q2 { cx q1, q0; cz q1, q2; ry(a0) q1; cz q1, q2; cx q1, q0; }
gate rzz(a0) q0, q1 { cx q0, q1; rz(a0) q1; cx q0, q1; }
qubit[5] q;
h q[0];
cx q[0], q[1];
ccx q[0], q[4], q[2];
swap q[1], q[3];
cry(pi/4) q[4], q[0];
crz(theta3) q[0], q[2];
rxyz(-0.5*theta0+1) q[0], q[4], q[2];
rx(x2) q[3];
inv @ sx q[1];
cswap q[2], q[0], q[1];
U(theta1, 1.5, -pi) q[3];
rzz(theta4) q[2], q[1];
cx q[1], q[0];
cx q[3], q[4];
ctrl(3) @ z q[4], q[2], q[0], q[1];
